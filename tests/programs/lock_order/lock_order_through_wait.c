// SPDX-License-Identifier: Apache-2.0
// lock_order_through_wait.c: a condition wait takes its mutex again while another lock is held: that is an
// order.
//
//   main                        waiter
//   .                           lock m, lock outer
//   .                           wait (m): gives m back, takes it again under outer
//   lock m, signal, unlock      .
//   lock m, lock outer          .
//
// Waiter takes m before outer, and after the wait outer before m.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER, outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready_changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper waiter_asleep;
static Gate waiter_is_done;

static void* Wait(void* unused) {
  pthread_mutex_lock(&m);
  pthread_mutex_lock(&outer);
  AboutToSleep(&waiter_asleep);
  while (!ready) pthread_cond_wait(&ready_changed, &m);  // want lock-order.cycle x1: .
  pthread_mutex_unlock(&outer);
  pthread_mutex_unlock(&m);
  GateOpen(&waiter_is_done);
  return NULL;
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_mutex_lock(&m);
  ready = 1;
  pthread_cond_signal(&ready_changed);
  pthread_mutex_unlock(&m);
  GateAwait(&waiter_is_done);
  pthread_mutex_lock(&m);
  pthread_mutex_lock(&outer);  // want lock-order.cycle x1: .
  pthread_mutex_unlock(&outer);
  pthread_mutex_unlock(&m);
  return pthread_join(waiter, NULL);
}
