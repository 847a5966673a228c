// SPDX-License-Identifier: Apache-2.0
// lock_order_create_ordered.c: main takes a then b before it creates the thread that takes b then a, and again
// only after it has joined it.
//
//   main                  other
//   lock a, lock b        .
//   create                .
//   .                     lock b, lock a
//   join                  .
//   lock a, lock b        .
#include <pthread.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void Take(pthread_mutex_t* outer, pthread_mutex_t* inner) {
  pthread_mutex_lock(outer);
  pthread_mutex_lock(inner);
  pthread_mutex_unlock(inner);
  pthread_mutex_unlock(outer);
}

static void* Other(void* unused) {
  Take(&b, &a);
  return NULL;
}

int main(void) {
  pthread_t other;
  Take(&a, &b);
  pthread_create(&other, NULL, Other, NULL);
  pthread_join(other, NULL);
  Take(&a, &b);
  return 0;
}
