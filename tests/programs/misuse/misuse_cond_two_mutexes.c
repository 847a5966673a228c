// SPDX-License-Identifier: Apache-2.0
// misuse_cond_two_mutexes.c: two threads wait on one condition at once, each with a mutex of its own.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutexes[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper asleep[2];

static void WaitWith(int which) {
  pthread_mutex_lock(&mutexes[which]);
  AboutToSleep(&asleep[which]);
  while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
    pthread_cond_wait(&changed, &mutexes[which]);  // want sync.misuse x1: two different mutexes
  }
  pthread_mutex_unlock(&mutexes[which]);
}

static void* First(void* unused) {
  WaitWith(0);
  return NULL;
}

static void* Second(void* unused) {
  AwaitAsleep(&asleep[0]);
  WaitWith(1);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  for (int i = 0; i < 2; ++i) AwaitAsleep(&asleep[i]);
  __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&changed);
  pthread_join(first, NULL);
  return pthread_join(second, NULL);
}
