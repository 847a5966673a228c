// SPDX-License-Identifier: Apache-2.0
// fork_storm.c: children of children of children, each with a thread of its own, none of them by exec.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

// Returns how many processes there were below this one, itself included.
static int Fork(int depth) {
  pthread_t worker;
  int count = 1;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  for (int i = 0; i < 3 && depth > 0; ++i) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) _exit(Fork(depth - 1));
    waitpid(child, &status, 0);
    count += WEXITSTATUS(status);
  }
  return count;
}

int main(void) {
  printf("%d\n", Fork(3));
  return 0;
}
