// SPDX-License-Identifier: Apache-2.0
// leak_detached.c: a detached worker that is told to end, and whose last sign of life main waits for.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0, done = 0;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  done = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  return NULL;  // main may be in its return already: stray lets a thread that is about to end end
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_detach(worker);
  AwaitAsleep(&worker_asleep);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_broadcast(&changed);
  while (!done) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  return 0;
}
