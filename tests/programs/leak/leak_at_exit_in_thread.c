// SPDX-License-Identifier: Apache-2.0
// leak_at_exit_in_thread.c: main has left by pthread_exit; another thread calls exit, a third is left behind.
//
//   main                  ender          worker
//   create both           .              wait for `work`
//   pthread_exit          .              .
//   .                     exit(0)        blocked: nobody is left to signal
//
// twin: leak_exit_paths.c
#include <pthread.h>
#include <stdlib.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper main_alive, worker_asleep;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&worker_asleep);
  while (!ready) pthread_cond_wait(&work, &mutex);  // want leak.blocked: \[pthread_cond_wait\]
  return NULL;
}

static void* EndProgram(void* unused) {
  AwaitEnd(&main_alive);
  AwaitAsleep(&worker_asleep);
  exit(0);
}

int main(void) {
  pthread_t ender, worker;
  AboutToSleep(&main_alive);
  pthread_create(&worker, NULL, Work, NULL);
  pthread_create(&ender, NULL, EndProgram, NULL);
  pthread_exit(NULL);
}
