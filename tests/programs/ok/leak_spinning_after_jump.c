// SPDX-License-Identifier: Apache-2.0
// leak_spinning_after_jump.c: the same jumps out of read() and, with a fortified longjmp, out of pause(); then
// it ends.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/order.h"

// What compilers call for siglongjmp in programs built with _FORTIFY_SOURCE.
__attribute__((noreturn)) void __longjmp_chk(sigjmp_buf, int);

static Sleeper in_read, in_pause;
static int ends[2];
static sigjmp_buf out;
static volatile sig_atomic_t jumps;

static void Jump(int signal) {
  if (++jumps == 1) siglongjmp(out, 1);
  __longjmp_chk(out, 2);
}

static void* Work(void* unused) {
  char byte;
  switch (sigsetjmp(out, 1)) {
    case 0:
      AboutToSleep(&in_read);
      if (read(ends[0], &byte, 1) >= 0) return NULL;
      break;
    case 1:
      AboutToSleep(&in_pause);
      pause();
      break;
    default:
      puts("jumped twice");
  }
  return NULL;
}

int main(void) {
  pthread_t worker;
  signal(SIGUSR1, Jump);
  if (pipe(ends) != 0) return 1;
  pthread_create(&worker, NULL, Work, NULL);
  AwaitAsleepIn(&in_read, SYS_read);
  pthread_kill(worker, SIGUSR1);
  AwaitAsleepIn(&in_pause, SYS_pause);
  pthread_kill(worker, SIGUSR1);
  pthread_join(worker, NULL);
  return 0;
}
