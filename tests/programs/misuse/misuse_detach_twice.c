// SPDX-License-Identifier: Apache-2.0
// misuse_detach_twice.c: a thread is detached a second time, by itself.
//
// twin: misuse_join_detached.c
#include <pthread.h>

#include "tests/support/order.h"

static Gate detached;
static Sleeper alive;

static void* Work(void* unused) {
  AboutToSleep(&alive);
  GateAwait(&detached);
  pthread_detach(pthread_self());  // want sync.misuse x1: detached a second time
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_detach(worker);
  GateOpen(&detached);
  AwaitEnd(&alive);
  return 0;
}
