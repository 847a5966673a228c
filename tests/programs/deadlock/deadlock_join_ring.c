// SPDX-License-Identifier: Apache-2.0
// deadlock_join_ring.c: three threads join each other in a circle, and main has left.
//
//   thread i              join thread i + 1, round to the first
//
// hangs: yes
#include <pthread.h>

#include "tests/support/order.h"

enum { kThreads = 3 };

static pthread_t threads[kThreads];
static Gate all_created;

static void* JoinNext(void* position) {
  GateAwait(&all_created);
  // want deadlock.cycle x1: (\[pthread_join\].*){3}
  pthread_join(threads[((long)position + 1) % kThreads], NULL);  // want deadlock.all: .
  return NULL;
}

int main(void) {
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, JoinNext, (void*)i);
  GateOpen(&all_created);
  pthread_exit(NULL);
}
