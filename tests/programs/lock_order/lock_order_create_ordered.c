// SPDX-License-Identifier: Apache-2.0
// lock_order_create_ordered.c: main takes a then b before it creates the thread that takes b then a, once more
// beside it, and again after it has joined it. Only the time between can deadlock.
//
//   main                  other
//   lock a, lock b        .
//   create                .
//   lock a, lock b        .
//   .                     lock b, lock a
//   join                  .
//   lock a, lock b        .
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static Gate main_took_both;

__attribute__((noinline)) static void TakeBoth(void) {
  pthread_mutex_lock(&a);
  pthread_mutex_lock(&b);  // want lock-order.cycle x1: .
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
}

static void* Other(void* unused) {
  GateAwait(&main_took_both);
  pthread_mutex_lock(&b);
  pthread_mutex_lock(&a);  // want lock-order.cycle x1: .
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t other;
  TakeBoth();
  pthread_create(&other, NULL, Other, NULL);
  TakeBoth();
  GateOpen(&main_took_both);
  pthread_join(other, NULL);
  TakeBoth();
  return 0;
}
