// SPDX-License-Identifier: Apache-2.0
// lock_order_abba_pthread.c: the same as lock_order_abba.cc in C, where main is one of the two.
//
//   main                  other
//   lock a, lock b        .
//   .                     lock b, lock a
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static Gate main_is_done;

static void* Other(void* unused) {
  GateAwait(&main_is_done);
  pthread_mutex_lock(&b);  // want lock-order.cycle x1: .
  pthread_mutex_lock(&a);
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, Other, NULL);
  pthread_mutex_lock(&a);
  pthread_mutex_lock(&b);  // want lock-order.cycle x1: .
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  GateOpen(&main_is_done);
  return pthread_join(other, NULL);
}
