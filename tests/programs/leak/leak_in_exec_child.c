// SPDX-License-Identifier: Apache-2.0
// leak_in_exec_child.c: a program started by fork and exec leaks a thread; the one that started it is clean.
//
//   parent                child          child's worker
//   fork                  exec itself    .
//   waitpid               create         .
//   .                     .              sem_wait       blocked: nobody is left to post
//   .                     return         .
//   return
#include <pthread.h>
#include <semaphore.h>
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

static int BeChild(void) {
  pthread_t worker;
  sem_init(&work, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleep(&worker_asleep);
  return 0;
}

int main(int argc, char** argv) {
  int status = 1;
  if (argc > 1) return BeChild();
  pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", argv[0], "child", NULL);
    _exit(127);
  }
  waitpid(child, &status, 0);
  return status;
}
