// SPDX-License-Identifier: Apache-2.0
// leak_sigwait.c: a signal thread still waits for its signal when main returns.
//
//   main                  signals
//   block SIGUSR1         .
//   .                     sigwait        blocked: any process may send the signal
//   return                .
#include <pthread.h>
#include <signal.h>

#include "tests/support/order.h"

static sigset_t waited_for;
static Sleeper signals_asleep;

static void* AwaitSignals(void* unused) {
  int number;
  AboutToSleep(&signals_asleep);
  sigwait(&waited_for, &number);  // want leak.alive: \[sigwait\]
  return NULL;
}

int main(void) {
  pthread_t signals;
  sigemptyset(&waited_for);
  sigaddset(&waited_for, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &waited_for, NULL);
  pthread_create(&signals, NULL, AwaitSignals, NULL);
  AwaitAsleepIn(&signals_asleep, SYS_rt_sigtimedwait);
  return 0;
}
