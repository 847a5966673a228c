// SPDX-License-Identifier: Apache-2.0
// lock_order_through_wait.c: while a thread waits for a condition it does not hold the mutex: what others do
// meanwhile is no order with it, and what it takes after the wait comes after.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready_changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper waiter_asleep;

static void* Wait(void* unused) {
  pthread_mutex_lock(&m);
  AboutToSleep(&waiter_asleep);
  while (!ready) pthread_cond_wait(&ready_changed, &m);
  pthread_mutex_lock(&inner);
  pthread_mutex_unlock(&inner);
  pthread_mutex_unlock(&m);
  return NULL;
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_mutex_lock(&m);
  pthread_mutex_lock(&inner);
  ready = 1;
  pthread_cond_signal(&ready_changed);
  pthread_mutex_unlock(&inner);
  pthread_mutex_unlock(&m);
  return pthread_join(waiter, NULL);
}
