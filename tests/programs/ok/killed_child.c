// SPDX-License-Identifier: Apache-2.0
// killed_child.c: a child with idle threads is killed by its parent: that is how it was meant to end.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void* Idle(void* unused) {
  for (;;) pause();
  return NULL;
}

static void BeChild(void) {
  pthread_t idler;
  pthread_create(&idler, NULL, Idle, NULL);
  if (write(ends[1], "x", 1) != 1) _exit(1);
  for (;;) pause();
}

int main(void) {
  int status = 0;
  char byte;
  if (pipe(ends) != 0) return 1;
  pid_t child = fork();
  if (child == 0) BeChild();
  if (read(ends[0], &byte, 1) != 1) return 1;
  kill(child, SIGTERM);
  waitpid(child, &status, 0);
  printf("%d\n", WTERMSIG(status));
  return 0;
}
