// SPDX-License-Identifier: Apache-2.0
// leak_sigwait.c: the signal comes, and the signal thread is joined.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "tests/support/order.h"

static sigset_t waited_for;
static Sleeper signals_asleep;

static void* AwaitSignals(void* unused) {
  int number = 0;
  AboutToSleep(&signals_asleep);
  sigwait(&waited_for, &number);
  printf("signal %d\n", number);
  return NULL;
}

int main(void) {
  pthread_t signals;
  sigemptyset(&waited_for);
  sigaddset(&waited_for, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &waited_for, NULL);
  pthread_create(&signals, NULL, AwaitSignals, NULL);
  AwaitAsleepIn(&signals_asleep, SYS_rt_sigtimedwait);
  pthread_kill(signals, SIGUSR1);
  pthread_join(signals, NULL);
  return 0;
}
