// SPDX-License-Identifier: Apache-2.0
// leak_in_exec_clean_environment.c: a child that is started with an environment of its own, without LD_PRELOAD,
// is followed all the same.
//
//   parent                child          child's worker
//   fork                  exec itself    .
//   waitpid               create         .
//   .                     .              sem_wait       blocked: nobody is left to post
//   .                     return         .
//
// twin: leak_in_exec_child.c
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
  char* const arguments[] = {argv[0], "child", NULL};
  char* const environment[] = {"LANG=C", NULL};
  int status = 1;
  if (argc > 1) return BeChild();
  pid_t child = fork();
  if (child == 0) {
    execve("/proc/self/exe", arguments, environment);
    _exit(127);
  }
  waitpid(child, &status, 0);
  return status;
}
