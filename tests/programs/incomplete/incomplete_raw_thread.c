// SPDX-License-Identifier: Apache-2.0
// incomplete_raw_thread.c: a thread made by clone itself, without pthread_create, is there when the program
// ends.
//
// incomplete: without pthread_create
#include <sched.h>
#include <stdlib.h>

#include "tests/support/order.h"

enum { kStackBytes = 64 * 1024 };

static Sleeper raw_asleep;

// Has no thread descriptor: nothing of libc may be called from here.
static int RunRaw(void* unused) {
  AboutToSleep(&raw_asleep);
  for (;;) OrderSystemCall(SYS_pause, 0, 0, 0, 0);
  return 0;
}

int main(void) {
  char* stack = malloc(kStackBytes);
  if (clone(RunRaw, stack + kStackBytes, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
            NULL) < 0) {
    return 1;
  }
  AwaitAsleepIn(&raw_asleep, SYS_pause);
  return 0;
}
