// SPDX-License-Identifier: Apache-2.0
// leak_semaphore.c: the semaphore is posted, and the worker joined.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static sem_t work;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  AboutToSleep(&worker_asleep);
  sem_wait(&work);
  return NULL;
}

int main(void) {
  pthread_t worker;
  sem_init(&work, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  sem_post(&work);
  pthread_join(worker, NULL);
  sem_destroy(&work);
  return 0;
}
