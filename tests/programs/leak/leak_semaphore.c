// SPDX-License-Identifier: Apache-2.0
// leak_semaphore.c: a worker waits for a semaphore that nobody posts any more.
//
//   main                  worker
//   create worker         .
//   .                     sem_wait
//   return                .              blocked: nobody is left to post
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static sem_t work;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  pthread_setname_np(pthread_self(), "worker");
  AboutToSleep(&worker_asleep);
  sem_wait(&work);  // want leak.blocked: thread "worker" blocked \[sem_wait\]
  return NULL;
}

int main(void) {
  pthread_t worker;
  sem_init(&work, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  return 0;
}
