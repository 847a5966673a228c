// SPDX-License-Identifier: Apache-2.0
// deadlock_priority_inherit.c: AB-BA with mutexes that inherit priority, which the kernel locks.
//
// hangs: yes
// twin: misuse_priority_inherit.c
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t a, b;
static Meeting both_hold_one;

static void* First(void* unused) {
  pthread_mutex_lock(&a);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&b);  // want deadlock.cycle x1: .
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return NULL;
}

static void* Second(void* unused) {
  pthread_mutex_lock(&b);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&a);  // want deadlock.cycle x1: .
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  pthread_mutexattr_t inherit;
  pthread_mutexattr_init(&inherit);
  pthread_mutexattr_setprotocol(&inherit, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&a, &inherit);
  pthread_mutex_init(&b, &inherit);
  pthread_mutexattr_destroy(&inherit);
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  pthread_join(first, NULL);  // want deadlock.all: .
  pthread_join(second, NULL);
  return 0;
}
