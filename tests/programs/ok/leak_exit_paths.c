// SPDX-License-Identifier: Apache-2.0
// leak_exit_paths.c: every way for a process to end, one child each, with its worker joined before.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kReturn, kExit, kQuickExit, kUnderscoreExit, kUpperExit, kPthreadExit, kExitInThread, kAbort, kWays };

static void* Work(void* unused) { return NULL; }

static void* EndProgram(void* unused) { exit(3); }

static int End(int way) {
  pthread_t worker, ender;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  switch (way) {
    case kExit:
      exit(3);
    case kQuickExit:
      quick_exit(3);
    case kUnderscoreExit:
      _exit(3);
    case kUpperExit:
      _Exit(3);
    case kPthreadExit:
      pthread_exit(NULL);
    case kExitInThread:
      pthread_create(&ender, NULL, EndProgram, NULL);
      pthread_detach(ender);
      pthread_exit(NULL);
    case kAbort:
      abort();
    default:
      return 3;
  }
}

int main(void) {
  for (int way = 0; way < kWays; ++way) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) return End(way);
    waitpid(child, &status, 0);
    printf("%d: %x\n", way, (unsigned)status);
    fflush(stdout);
  }
  return 0;
}
