// SPDX-License-Identifier: Apache-2.0
// exit_at_quick_exit_joins.c: handlers of quick_exit may stop and join a worker too.
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "tests/support/order.h"

static pthread_t worker;
static sem_t work;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  AboutToSleep(&worker_asleep);
  sem_wait(&work);
  return NULL;
}

static void StopWorker(void) {
  sem_post(&work);
  pthread_join(worker, NULL);
}

int main(void) {
  sem_init(&work, 0, 0);
  at_quick_exit(StopWorker);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  quick_exit(0);
}
