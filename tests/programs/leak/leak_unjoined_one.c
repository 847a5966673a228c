// SPDX-License-Identifier: Apache-2.0
// leak_unjoined_one.c: a thread that is neither joined nor detached keeps its stack when it ends.
//
//   main                  worker
//   create                .
//   .                     return
//   return                finished, and never joined
#include <pthread.h>
#include <signal.h>

#include "tests/support/order.h"

static Sleeper worker_alive;

static void* Work(void* unused) {
  AboutToSleep(&worker_alive);
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);  // want leak.unjoined x1: finished
  AwaitEnd(&worker_alive);
  return 0;
}
