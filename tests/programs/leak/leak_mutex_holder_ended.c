// SPDX-License-Identifier: Apache-2.0
// leak_mutex_holder_ended.c: a thread ends with a lock held; the next one waits for it for ever.
//
//   careless              waiter
//   lock                  .
//   return                .
//   .                     lock           blocked: its holder is no more
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Sleeper waiter_asleep;

static void* Careless(void* unused) {
  pthread_mutex_lock(&mutex);  // want sync.misuse: ended while it held
  return NULL;
}

static void* Wait(void* unused) {
  AboutToSleep(&waiter_asleep);
  // want leak.blocked: \[pthread_mutex_lock\]
  // want leak.blocked x1: locked it at Careless \(leak_mutex_holder_ended.c:[0-9]+\) and ended without
  // unlocking it
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t careless, waiter;
  pthread_create(&careless, NULL, Careless, NULL);
  pthread_join(careless, NULL);
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  return 0;
}
