// SPDX-License-Identifier: Apache-2.0
// exec_environment.c: a child started with an environment of its own sees that environment, and besides it only
// what it needs to be watched; the caller's own is not touched. By every call that takes or implies an
// environment.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

enum { kCalls = 9 };

static int IsOfStray(const char* variable) {
  return strncmp(variable, "LD_PRELOAD=", 11) == 0 || strncmp(variable, "STRAY_", 6) == 0 ||
         strncmp(variable, "ASAN_OPTIONS=", 13) == 0;
}

static int BeChild(const char* call) {
  printf("%s:", call);
  for (char** at = environ; *at != NULL; ++at) {
    if (!IsOfStray(*at)) printf(" %s", *at);
  }
  puts("");
  return 0;
}

static void Become(int call, char* program, char* const environment[]) {
  char name[2] = {(char)('0' + call), '\0'};
  char* const arguments[] = {program, name, NULL};
  if (call == 0) execve(program, arguments, environment);
  if (call == 1) execvpe(program, arguments, environment);
  if (call == 2) fexecve(open(program, O_RDONLY), arguments, environment);
  if (call == 3) execle(program, program, name, NULL, environment);
  environ = (char**)environment;
  if (call == 4) execv(program, arguments);
  if (call == 5) execvp(program, arguments);
  if (call == 6) execl(program, program, name, NULL);
  _exit(127);
}

static pid_t Run(int call, char* program, char* const environment[]) {
  char name[2] = {(char)('0' + call), '\0'};
  char* const arguments[] = {program, name, NULL};
  pid_t child = -1;
  if (call == 7) return posix_spawn(&child, program, NULL, NULL, arguments, environment) == 0 ? child : -1;
  if (call == 8) return posix_spawnp(&child, program, NULL, NULL, arguments, environment) == 0 ? child : -1;
  child = fork();
  if (child == 0) Become(call, program, environment);
  return child;
}

int main(int argc, char** argv) {
  static char* const one[] = {"A=1", "LD_PRELOAD=", "B=2", NULL};
  static char* const none[] = {NULL};
  static char* many[3001];
  if (argc > 1) return BeChild(argv[1]);
  for (int i = 0; i < 3000; ++i) many[i] = "MANY=1";
  for (int call = 0; call < kCalls; ++call) {
    waitpid(Run(call, argv[0], one), NULL, 0);
    waitpid(Run(call, argv[0], none), NULL, 0);
  }
  waitpid(Run(0, argv[0], many), NULL, 0);
  char* const arguments[] = {"nothing", NULL};
  const int result = execve("/does/not/exist", arguments, one);
  printf("%d %d %s %s %s %d\n", result, errno == ENOENT, one[0], one[1], one[2], one[3] == NULL);
  return 0;
}
