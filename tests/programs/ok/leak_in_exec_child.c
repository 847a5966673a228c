// SPDX-License-Identifier: Apache-2.0
// leak_in_exec_child.c: the program that is started by fork and exec joins its worker.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

static int UseWorker(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  return 0;
}

int main(int argc, char** argv) {
  int status = 1;
  UseWorker();
  if (argc > 1) return 0;
  pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", argv[0], "child", NULL);
    _exit(127);
  }
  waitpid(child, &status, 0);
  return status;
}
