// SPDX-License-Identifier: Apache-2.0
// leak_join_of_blocked.c: a manager joins a worker that can never end.
//
//   main                  manager        worker
//   .                     join worker    wait for `work`
//   return                .              .
//
// One leak, the worker, which nobody can wake, and its consequence, the manager.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper manager_asleep, worker_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) pthread_cond_wait(&work, &mutex);  // want leak.blocked: \[pthread_cond_wait\]
  return NULL;
}

static void* Manage(void* unused) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  AboutToSleep(&manager_asleep);
  // behind leak.blocked x1: \[pthread_join\]
  pthread_join(worker, NULL);
  return NULL;
}

int main(void) {
  pthread_t manager;
  pthread_create(&manager, NULL, Manage, NULL);
  AwaitAsleep(&manager_asleep);
  return 0;
}
