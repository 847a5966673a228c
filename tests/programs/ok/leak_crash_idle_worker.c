// SPDX-License-Identifier: Apache-2.0
// leak_crash_idle_worker.c: a program that aborts in the middle of its work has not leaked its idle worker.
//
// exit: 134
#include <pthread.h>
#include <stdlib.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) pthread_cond_wait(&work, &mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  abort();
}
