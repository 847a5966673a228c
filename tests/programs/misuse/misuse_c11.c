// SPDX-License-Identifier: Apache-2.0
// misuse_c11.c: the misuses of misuse_*.c with the threads of C11.
//
// twin: deadlock_abba_c11.c
#include <threads.h>

#include "tests/support/order.h"

static mtx_t mutex, held;
static Gate may_end;
static Sleeper alive;

static int Work(void* unused) {
  AboutToSleep(&alive);
  GateAwait(&may_end);
  return 0;
}

int main(void) {
  thrd_t worker;
  mtx_init(&mutex, mtx_plain);
  mtx_init(&held, mtx_plain);
  mtx_lock(&mutex);
  mtx_unlock(&mutex);
  mtx_unlock(&mutex);  // want sync.misuse x1: unlocked.*nobody held
  mtx_lock(&held);
  mtx_destroy(&held);  // want sync.misuse x1: destroyed while it was held
  thrd_create(&worker, Work, NULL);
  thrd_detach(worker);
  thrd_join(worker, NULL);  // want sync.misuse x1: detached thread was joined
  GateOpen(&may_end);
  AwaitEnd(&alive);
  return 0;
}
