// SPDX-License-Identifier: Apache-2.0
// leak_at_underscore_exit_in_thread.c: a thread ends the process by _exit while main waits for it; the third
// one is left behind. Main, which was to end with the thread, is not.
//
//   main                  ender          worker
//   join ender            .              sem_wait
//   .                     _exit          blocked: nobody is left to post
//
// twin: exit_worker_ends_program.c
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "tests/support/order.h"

static sem_t work;
static Sleeper main_asleep, worker_asleep;

static void* Work(void* unused) {
  AboutToSleep(&worker_asleep);
  sem_wait(&work);  // want leak.blocked x1: \[sem_wait\]
  return NULL;
}

static void* EndProgram(void* unused) {
  AwaitAsleep(&worker_asleep);
  AwaitAsleep(&main_asleep);
  _exit(0);
}

int main(void) {
  pthread_t ender, worker;
  sem_init(&work, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  pthread_create(&ender, NULL, EndProgram, NULL);
  AboutToSleep(&main_asleep);
  return pthread_join(ender, NULL);
}
