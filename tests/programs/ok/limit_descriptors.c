// SPDX-License-Identifier: Apache-2.0
// limit_descriptors.c: a program that has forbidden itself to open anything still has threads, and its child
// too.
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

static void UseThread(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
}

int main(void) {
  struct rlimit none;
  int status = 1;
  UseThread();
  getrlimit(RLIMIT_NOFILE, &none);
  none.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &none);
  UseThread();
  puts("parent");
  fflush(stdout);
  pid_t child = fork();
  UseThread();
  getrlimit(RLIMIT_NOFILE, &none);
  if (none.rlim_cur != 3) puts("the limit has changed");
  if (child == 0) return 0;
  waitpid(child, &status, 0);
  return status;
}
