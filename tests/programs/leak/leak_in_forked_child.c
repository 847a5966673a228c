// SPDX-License-Identifier: Apache-2.0
// leak_in_forked_child.c: the child of a fork leaks a thread; the parent is clean.
//
//   parent                child          child's worker
//   fork                  create         .
//   waitpid               .              sem_wait       blocked: nobody is left to post
//   .                     exit(0)        .
//   return
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/order.h"

static sem_t work;
static Sleeper worker_asleep;

static void* Work(void* unused) {
  AboutToSleep(&worker_asleep);
  sem_wait(&work);  // want leak.blocked x1: \[sem_wait\]
  return NULL;
}

static void BeChild(void) {
  pthread_t worker;
  sem_init(&work, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  exit(0);
}

int main(void) {
  int status = 1;
  pid_t child = fork();
  if (child == 0) BeChild();
  waitpid(child, &status, 0);
  return status;
}
