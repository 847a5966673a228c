// SPDX-License-Identifier: Apache-2.0
// leak_threads_behind_leak.c: the semaphore is posted, so all go on.
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t work;
static Sleeper worker_asleep, getter_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  sem_wait(&work);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* Get(void* unused) {
  AboutToSleep(&getter_asleep);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t worker, getter;
  sem_init(&work, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  pthread_create(&getter, NULL, Get, NULL);
  AwaitAsleep(&getter_asleep);
  sem_post(&work);
  pthread_join(worker, NULL);
  pthread_join(getter, NULL);
  return 0;
}
