// SPDX-License-Identifier: Apache-2.0
// leak_c11.c: the same as leak_condition.cc with the threads of C11.
//
//   main                  worker
//   thrd_create           .
//   .                     cnd_wait       blocked: nobody is left to signal
//   return                .
#include <threads.h>

#include "tests/support/order.h"

static mtx_t mutex;
static cnd_t work;
static int ready = 0;
static Sleeper worker_asleep;

static int Work(void* unused) {
  mtx_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) cnd_wait(&work, &mutex);  // want leak.blocked: \[cnd_wait\]
  return 0;
}

int main(void) {
  thrd_t worker;
  mtx_init(&mutex, mtx_plain);
  cnd_init(&work);
  thrd_create(&worker, Work, NULL);
  AwaitAsleep(&worker_asleep);
  return 0;
}
