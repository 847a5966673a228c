// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_pthread.c: whoever cannot get the second mutex at once gives the first one back and tries
// again.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>
#include <stdio.h>

#include "tests/support/order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void LockBoth(pthread_mutex_t* first, pthread_mutex_t* second) {
  for (;;) {
    pthread_mutex_lock(first);
    if (pthread_mutex_trylock(second) == 0) return;
    pthread_mutex_unlock(first);
    OrderYield();
  }
}

static void Work(pthread_mutex_t* first, pthread_mutex_t* second) {
  for (int i = 0; i < 1000; ++i) {
    LockBoth(first, second);
    ++count;
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
  }
}

static void* Other(void* unused) {
  Work(&b, &a);
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, Other, NULL);
  Work(&a, &b);
  pthread_join(other, NULL);
  printf("%d\n", count);
  return 0;
}
