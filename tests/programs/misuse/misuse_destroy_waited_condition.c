// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_waited_condition.c: a condition is destroyed while a thread waits on it. glibc waits in
// pthread_cond_destroy for the waiter to leave; it leaves because it is cancelled.
//
//   main                  waiter             canceller
//   .                     wait               .
//   destroy               .                  .
//   .                     .                  cancel waiter
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static pthread_t waiter;
static Sleeper main_asleep, waiter_asleep;

static void Unlock(void* locked) { pthread_mutex_unlock(locked); }

static void* Wait(void* unused) {
  pthread_mutex_lock(&mutex);
  pthread_cleanup_push(Unlock, &mutex);
  AboutToSleep(&waiter_asleep);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_cleanup_pop(1);
  return NULL;
}

static void* Cancel(void* unused) {
  AwaitAsleep(&main_asleep);
  pthread_cancel(waiter);
  return NULL;
}

int main(void) {
  pthread_t canceller;
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_create(&canceller, NULL, Cancel, NULL);
  AboutToSleep(&main_asleep);
  pthread_cond_destroy(&changed);  // want sync.misuse x1: destroyed while a thread was waiting
  pthread_join(canceller, NULL);
  return pthread_join(waiter, NULL);
}
