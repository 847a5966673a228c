// SPDX-License-Identifier: Apache-2.0
// leak_mutex_holder_ended.c: the holder unlocks before it ends.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Meeting holder_has_it;
static Sleeper waiter_asleep;

static void* Hold(void* unused) {
  pthread_mutex_lock(&mutex);
  Meet(&holder_has_it, 2);
  AwaitAsleep(&waiter_asleep);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* Wait(void* unused) {
  AboutToSleep(&waiter_asleep);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t holder, waiter;
  pthread_create(&holder, NULL, Hold, NULL);
  Meet(&holder_has_it, 2);
  pthread_create(&waiter, NULL, Wait, NULL);
  pthread_join(holder, NULL);
  pthread_join(waiter, NULL);
  return 0;
}
