// SPDX-License-Identifier: Apache-2.0
// misuse_join_twice.c: a hundred threads, one after the other, so that handles are used again; each joined
// once, one of them after tries that came too early.
#include <errno.h>
#include <pthread.h>

#include "tests/support/order.h"

static Gate may_end;

static void* Work(void* unused) { return NULL; }

static void* WorkLonger(void* unused) {
  GateAwait(&may_end);
  return NULL;
}

int main(void) {
  pthread_t worker;
  for (int i = 0; i < 100; ++i) {
    pthread_create(&worker, NULL, Work, NULL);
    pthread_join(worker, NULL);
  }
  pthread_create(&worker, NULL, WorkLonger, NULL);
  if (pthread_tryjoin_np(worker, NULL) != EBUSY) return 1;
  GateOpen(&may_end);
  return pthread_join(worker, NULL);
}
