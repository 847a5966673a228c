// SPDX-License-Identifier: Apache-2.0
// leak_c11.c: the worker is signalled, and joined; another one is detached and ends by thrd_exit.
#include <threads.h>

#include "tests/support/order.h"

static mtx_t mutex;
static cnd_t work;
static int ready = 0;
static Sleeper worker_asleep, detached_alive;

static int Work(void* unused) {
  mtx_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) cnd_wait(&work, &mutex);
  mtx_unlock(&mutex);
  return 7;
}

static int EndByExit(void* unused) {
  AboutToSleep(&detached_alive);
  thrd_exit(0);
}

int main(void) {
  thrd_t worker, detached;
  int result = 0;
  mtx_init(&mutex, mtx_plain);
  cnd_init(&work);
  thrd_create(&worker, Work, NULL);
  thrd_create(&detached, EndByExit, NULL);
  thrd_detach(detached);
  AwaitAsleep(&worker_asleep);
  mtx_lock(&mutex);
  ready = 1;
  mtx_unlock(&mutex);
  cnd_signal(&work);
  thrd_join(worker, &result);
  AwaitEnd(&detached_alive);
  cnd_destroy(&work);
  mtx_destroy(&mutex);
  return result == 7 ? 0 : 1;
}
