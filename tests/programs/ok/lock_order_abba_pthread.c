// SPDX-License-Identifier: Apache-2.0
// lock_order_abba_pthread.c: opposite orders, but the first thread is joined before the second one is created,
// so they cannot meet.
//
//   first                 second
//   lock a, lock b        .
//   (joined)              (created)
//   .                     lock b, lock a
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void* First(void* unused) {
  pthread_mutex_lock(&a);
  pthread_mutex_lock(&b);
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return NULL;
}

static void* Second(void* unused) {
  pthread_mutex_lock(&b);
  pthread_mutex_lock(&a);
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  pthread_create(&first, NULL, First, NULL);
  pthread_join(first, NULL);
  pthread_create(&second, NULL, Second, NULL);
  return pthread_join(second, NULL);
}
