// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_waited_condition.c: a condition may be destroyed as soon as all waiters have been woken, even
// before they are back.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper waiter_asleep;

static void* Wait(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&waiter_asleep);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_broadcast(&changed);
  pthread_cond_destroy(&changed);  // the waiter has been woken, and waits for the mutex now
  pthread_mutex_unlock(&mutex);
  return pthread_join(waiter, NULL);
}
