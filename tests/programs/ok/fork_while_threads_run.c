// SPDX-License-Identifier: Apache-2.0
// fork_while_threads_run.c: fork in a program whose other threads never stop locking; children use threads of
// their own, exec, or just end.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int stop;

static void* LockAndUnlock(void* unused) {
  while (!stop) {
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void* Work(void* unused) { return NULL; }

static void BeChild(int which) {
  pthread_t worker;
  if (which == 0) {
    pthread_create(&worker, NULL, Work, NULL);
    pthread_join(worker, NULL);
    exit(10);
  }
  if (which == 1) execl("/bin/sh", "sh", "-c", "exit 11", NULL);
  _exit(12);
}

int main(void) {
  pthread_t busy[2];
  for (int i = 0; i < 2; ++i) pthread_create(&busy[i], NULL, LockAndUnlock, NULL);
  for (int which = 0; which < 3; ++which) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) BeChild(which);
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    fflush(stdout);
  }
  stop = 1;
  for (int i = 0; i < 2; ++i) pthread_join(busy[i], NULL);
  return 0;
}
