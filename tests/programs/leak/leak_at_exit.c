// SPDX-License-Identifier: Apache-2.0
// leak_at_exit.c: the program ends by exit() deep inside; the worker is left behind all the same.
//
//   main                  worker
//   create worker         .
//   .                     wait for `work`
//   exit(0)               blocked: nobody is left to signal
//
// twin: leak_exit_paths.c
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
  while (!ready) pthread_cond_wait(&work, &mutex);  // want leak.blocked: \[pthread_cond_wait\]
  return NULL;
}

static void EndProgram(void) { exit(0); }

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  EndProgram();
}
