// SPDX-License-Identifier: Apache-2.0
// incomplete_descriptors.c: a program that may open nothing any more still has threads, and its child too,
// which cannot make a black box.
//
// incomplete: incomplete_descriptors \(pid \d+\): .*no file descriptor is left for its black box
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
  struct rlimit none = {.rlim_cur = 3, .rlim_max = 3};
  int status = 1;
  UseThread();
  setrlimit(RLIMIT_NOFILE, &none);
  UseThread();
  puts("parent");
  fflush(stdout);
  pid_t child = fork();
  UseThread();
  if (child == 0) return 0;
  waitpid(child, &status, 0);
  return status;
}
