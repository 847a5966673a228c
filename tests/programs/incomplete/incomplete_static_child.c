// SPDX-License-Identifier: Apache-2.0
// incomplete_static_child.c: a child is linked statically: no agent can be preloaded into it.
//
// incomplete: static
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

int main(void) {
  char path[4096];
  int status = -1;
  pid_t child;
  ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 64);
  if (size < 0) return 1;
  path[size] = '\0';
  strcpy(strrchr(path, '/'), "/../../library/static_program");  // from MODE/incomplete/
  char* const arguments[] = {path, NULL};
  if (posix_spawn(&child, path, NULL, NULL, arguments, environ) != 0) return 1;
  waitpid(child, &status, 0);
  printf("%d\n", status);
  return 0;
}
