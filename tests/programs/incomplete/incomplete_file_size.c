// SPDX-License-Identifier: Apache-2.0
// incomplete_file_size.c: a program that may write no files, ever: growing one would be SIGXFSZ. Threads, forks
// and execs go on, unwatched.
//
// incomplete: incomplete_file_size \(pid \d+\): .*a resource limit leaves no room for its black box
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

static int UseThread(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  return pthread_join(worker, NULL);
}

static int StatusOf(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

int main(int argc, char** argv) {
  struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  if (argc > 1) return UseThread();
  setrlimit(RLIMIT_FSIZE, &none);
  UseThread();
  pid_t forked = fork();
  if (forked == 0) _exit(UseThread());
  int fork_status = StatusOf(forked);
  pid_t started = fork();
  if (started == 0) {
    execl("/proc/self/exe", argv[0], "again", NULL);
    _exit(127);
  }
  return fork_status + StatusOf(started);
}
