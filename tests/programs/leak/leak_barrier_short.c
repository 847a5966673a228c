// SPDX-License-Identifier: Apache-2.0
// leak_barrier_short.c: a barrier for three gets two visitors.
//
//   main                  left, right
//   init(barrier, 3)      .
//   create both           .
//   .                     barrier wait   blocked: the third never comes
//   return                .
#include <pthread.h>

#include "tests/support/order.h"

static pthread_barrier_t barrier;
static Sleeper asleep[2];

static void* Visit(void* sleeper) {
  AboutToSleep(sleeper);
  pthread_barrier_wait(&barrier);  // want leak.blocked x2: \[pthread_barrier_wait\]
  return NULL;
}

int main(void) {
  pthread_t visitors[2];
  pthread_barrier_init(&barrier, NULL, 3);
  for (int i = 0; i < 2; ++i) pthread_create(&visitors[i], NULL, Visit, &asleep[i]);
  for (int i = 0; i < 2; ++i) AwaitAsleep(&asleep[i]);
  return 0;
}
