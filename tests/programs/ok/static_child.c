// SPDX-License-Identifier: Apache-2.0
// static_child.c: children are linked statically: no agent can be preloaded into them. The report says so; that
// a helper was not watched makes it no less complete.
//
// note: 3 processes that it started could not be watched: .*static_program is statically linked
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

static int StatusOf(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

int main(void) {
  char path[4096];
  pid_t child;
  ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 64);
  if (size < 0) return 1;
  path[size] = '\0';
  strcpy(strrchr(path, '/'), "/../../library/static_program");  // from MODE/ok/
  char* const arguments[] = {path, NULL};
  if (posix_spawn(&child, path, NULL, NULL, arguments, environ) != 0) return 1;
  printf("spawn %d\n", StatusOf(child));
  child = fork();
  if (child == 0) _exit(execv(path, arguments));
  printf("fork %d\n", StatusOf(child));
  child = vfork();
  if (child == 0) _exit(execv(path, arguments));
  printf("vfork %d\n", StatusOf(child));
  return 0;
}
