// SPDX-License-Identifier: Apache-2.0
// leak_38_equal.c: 38 threads leaked at the same place are one finding with a count.
//
//   main                  38 askers
//   create them           .
//   .                     sem_wait       blocked: nobody is left to answer
//   return                .
//
// twin: leak_semaphore.c
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

enum { kAskers = 38 };

static sem_t answers;
static Sleeper asleep[kAskers];

static void* Ask(void* sleeper) {
  AboutToSleep(sleeper);
  sem_wait(&answers);  // want leak.blocked x38: 38 threads .*\[sem_wait\]
  return NULL;
}

int main(void) {
  pthread_t asker;
  sem_init(&answers, 0, 0);
  for (int i = 0; i < kAskers; ++i) pthread_create(&asker, NULL, Ask, &asleep[i]);
  for (int i = 0; i < kAskers; ++i) AwaitAsleep(&asleep[i]);
  return 0;
}
