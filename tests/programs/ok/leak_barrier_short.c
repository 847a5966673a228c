// SPDX-License-Identifier: Apache-2.0
// leak_barrier_short.c: the third visitor comes, twice, and the barrier is destroyed at the end.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_barrier_t barrier;

static void* Visit(void* unused) {
  for (int i = 0; i < 2; ++i) pthread_barrier_wait(&barrier);
  return NULL;
}

int main(void) {
  pthread_t visitors[2];
  pthread_barrier_init(&barrier, NULL, 3);
  for (int i = 0; i < 2; ++i) pthread_create(&visitors[i], NULL, Visit, NULL);
  Visit(NULL);
  for (int i = 0; i < 2; ++i) pthread_join(visitors[i], NULL);
  pthread_barrier_destroy(&barrier);
  return 0;
}
