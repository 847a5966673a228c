// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_upgrade_two.c: two readers at a time, then two writers one after the other.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static Meeting both_read;

static void* Work(void* unused) {
  pthread_rwlock_rdlock(&rwlock);
  Meet(&both_read, 2);
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, Work, NULL);
  Work(NULL);
  return pthread_join(other, NULL);
}
