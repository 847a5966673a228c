// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_pthread.c: the same as deadlock_abba.cc in C, with main as one of the two.
//
//   main                  other
//   lock a                lock b
//   lock b                lock a         each waits for the other
//
// hangs: yes
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static Meeting both_hold_one;

static void* Other(void* unused) {
  pthread_mutex_lock(&b);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&a);  // want deadlock.cycle x1: each
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, Other, NULL);
  pthread_mutex_lock(&a);
  Meet(&both_hold_one, 2);
  // want deadlock.cycle x1: each
  pthread_mutex_lock(&b);  // want deadlock.all: .
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return pthread_join(other, NULL);
}
