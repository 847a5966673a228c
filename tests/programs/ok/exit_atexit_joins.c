// SPDX-License-Identifier: Apache-2.0
// exit_atexit_joins.c: a worker that an atexit handler stops and joins is no leak.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
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
  puts("joined");
}

int main(void) {
  sem_init(&work, 0, 0);
  atexit(StopWorker);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  return 0;
}
