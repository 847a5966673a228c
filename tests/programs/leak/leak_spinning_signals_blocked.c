// SPDX-License-Identifier: Apache-2.0
// leak_spinning_signals_blocked.c: a running thread that blocks all signals cannot be asked for its stack. It
// is reported with what is known.
//
//   main                  spinner
//   .                     block all signals, loop for ever
//   return                .              running
//
// twin: leak_spinning.c
#include <pthread.h>
#include <signal.h>

#include "tests/support/order.h"

static Gate spinning;
static volatile unsigned long result;

static void* Spin(void* unused) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  GateOpen(&spinning);
  for (;;) ++result;
  return NULL;
}

int main(void) {
  pthread_t spinner;
  pthread_create(&spinner, NULL, Spin, NULL);  // want leak.alive x1: running
  GateAwait(&spinning);
  return 0;
}
