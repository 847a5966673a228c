// SPDX-License-Identifier: Apache-2.0
// leak_join_of_blocked.c: the worker is told to end, so the manager that joins it ends too.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper manager_asleep, worker_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) pthread_cond_wait(&work, &mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* Manage(void* unused) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  AboutToSleep(&manager_asleep);
  pthread_join(worker, NULL);
  return NULL;
}

int main(void) {
  pthread_t manager;
  pthread_create(&manager, NULL, Manage, NULL);
  AwaitAsleep(&manager_asleep);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_signal(&work);
  pthread_mutex_unlock(&mutex);
  pthread_join(manager, NULL);
  return 0;
}
