// SPDX-License-Identifier: Apache-2.0
// misuse_join_detached.c: a detached thread is joined while it still runs.
#include <pthread.h>

#include "tests/support/order.h"

static Gate may_end;
static Sleeper alive;

static void* Work(void* unused) {
  AboutToSleep(&alive);
  GateAwait(&may_end);
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_detach(worker);
  pthread_join(worker, NULL);  // want sync.misuse x1: detached thread was joined
  GateOpen(&may_end);
  AwaitEnd(&alive);
  return 0;
}
