// SPDX-License-Identifier: Apache-2.0
// leak_spinning_after_jump.c: a signal handler leaves read() by siglongjmp; the thread computes, it does not
// read.
//
//   main                  spinner
//   .                     read           blocked
//   signal                jump out of it
//   return                loop for ever  running
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/order.h"

static Gate spinning;
static Sleeper asleep;
static int ends[2];
static sigjmp_buf out;
static volatile unsigned long result;

static void Jump(int signal) { siglongjmp(out, 1); }

static void* Spin(void* unused) {
  char byte;
  if (sigsetjmp(out, 1) == 0) {
    AboutToSleep(&asleep);
    if (read(ends[0], &byte, 1) >= 0) return NULL;
  }
  GateOpen(&spinning);
  for (;;) ++result;  // want leak.alive: running
  return NULL;
}

int main(void) {
  pthread_t spinner;
  signal(SIGUSR1, Jump);
  if (pipe(ends) != 0) return 1;
  pthread_create(&spinner, NULL, Spin, NULL);
  AwaitAsleepIn(&asleep, SYS_read);
  pthread_kill(spinner, SIGUSR1);
  GateAwait(&spinning);
  return 0;
}
