// SPDX-License-Identifier: Apache-2.0
// deadlock_join_ring.c: threads that join each other in a row, the last one nobody but main.
#include <pthread.h>

#include "tests/support/order.h"

enum { kThreads = 3 };

static pthread_t threads[kThreads];
static Gate all_created;

static void* JoinNext(void* position) {
  GateAwait(&all_created);
  if ((long)position + 1 < kThreads) pthread_join(threads[(long)position + 1], NULL);
  return NULL;
}

int main(void) {
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, JoinNext, (void*)i);
  GateOpen(&all_created);
  return pthread_join(threads[0], NULL);
}
