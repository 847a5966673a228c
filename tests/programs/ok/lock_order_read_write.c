// SPDX-License-Identifier: Apache-2.0
// lock_order_read_write.c: opposite orders of read locks alone: readers do not block each other, and nobody
// writes.
//
//   first                 second
//   rdlock x, rdlock y    .
//   .                     rdlock y, rdlock x
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t x = PTHREAD_RWLOCK_INITIALIZER, y = PTHREAD_RWLOCK_INITIALIZER;
static Gate first_is_done;

static void ReadBoth(pthread_rwlock_t* outer, pthread_rwlock_t* inner) {
  pthread_rwlock_rdlock(outer);
  pthread_rwlock_rdlock(inner);
  pthread_rwlock_unlock(inner);
  pthread_rwlock_unlock(outer);
}

static void* First(void* unused) {
  ReadBoth(&x, &y);
  GateOpen(&first_is_done);
  return NULL;
}

static void* Second(void* unused) {
  GateAwait(&first_is_done);
  ReadBoth(&y, &x);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  pthread_join(first, NULL);
  return pthread_join(second, NULL);
}
