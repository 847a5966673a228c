// SPDX-License-Identifier: Apache-2.0
// leak_detached.c: a detached worker waits for work that never comes; being detached is no excuse.
//
//   main                  worker
//   create, detach        .
//   .                     wait for `work`
//   return                .              blocked: nobody is left to signal
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) pthread_cond_wait(&work, &mutex);  // want leak.blocked: \[pthread_cond_wait\]
  return NULL;
}

int main(void) {
  pthread_attr_t detached;
  pthread_t worker;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_create(&worker, &detached, Work, NULL);
  pthread_attr_destroy(&detached);
  AwaitAsleep(&worker_asleep);
  return 0;
}
