// SPDX-License-Identifier: Apache-2.0
// misuse_cond_two_mutexes.c: one condition with two mutexes, one after the other: nobody waits with the first
// one any more when the second one is used.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutexes[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int rounds_done = 0;
static Sleeper asleep[2];

static void* Wait(void* unused) {
  for (int round = 0; round < 2; ++round) {
    pthread_mutex_lock(&mutexes[round]);
    AboutToSleep(&asleep[round]);
    while (rounds_done <= round) pthread_cond_wait(&changed, &mutexes[round]);
    pthread_mutex_unlock(&mutexes[round]);
  }
  return NULL;
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, Wait, NULL);
  for (int round = 0; round < 2; ++round) {
    AwaitAsleep(&asleep[round]);
    pthread_mutex_lock(&mutexes[round]);
    ++rounds_done;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutexes[round]);
  }
  return pthread_join(waiter, NULL);
}
