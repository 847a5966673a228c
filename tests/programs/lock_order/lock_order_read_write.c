// SPDX-License-Identifier: Apache-2.0
// lock_order_read_write.c: a reader of x that wants to write y, and a reader of y that wants to write x.
//
//   first                 second
//   rdlock x, wrlock y    .
//   .                     rdlock y, wrlock x
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t x = PTHREAD_RWLOCK_INITIALIZER, y = PTHREAD_RWLOCK_INITIALIZER;
static Gate first_is_done;

static void* First(void* unused) {
  pthread_rwlock_rdlock(&x);
  pthread_rwlock_wrlock(&y);  // want lock-order.cycle x1: .
  pthread_rwlock_unlock(&y);
  pthread_rwlock_unlock(&x);
  GateOpen(&first_is_done);
  return NULL;
}

static void* Second(void* unused) {
  GateAwait(&first_is_done);
  pthread_rwlock_rdlock(&y);
  pthread_rwlock_wrlock(&x);  // want lock-order.cycle x1: .
  pthread_rwlock_unlock(&x);
  pthread_rwlock_unlock(&y);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  pthread_join(first, NULL);
  return pthread_join(second, NULL);
}
