// SPDX-License-Identifier: Apache-2.0
// misuse_cond_mutex_not_held.c: a thread waits on a condition with a mutex that it has not locked.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Sleeper waiter_asleep;

static void* Wait(void* unused) {
  AboutToSleep(&waiter_asleep);
  pthread_cond_wait(&changed, &mutex);  // want sync.misuse x1: mutex that it did not hold
  pthread_mutex_unlock(&mutex);         // the wait has locked it
  return NULL;
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_cond_signal(&changed);
  return pthread_join(waiter, NULL);
}
