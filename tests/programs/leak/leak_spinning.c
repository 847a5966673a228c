// SPDX-License-Identifier: Apache-2.0
// leak_spinning.c: a thread still computes when main returns.
//
//   main                  spinner
//   .                     loop for ever
//   return                .              running
#include <pthread.h>

#include "tests/support/order.h"

static Gate spinning;
static volatile unsigned long result;

static void* Spin(void* unused) {
  GateOpen(&spinning);
  // One line, so that it does not matter where in it the thread is met.
  for (;;) ++result;  // want leak.alive: running
  return NULL;
}

int main(void) {
  pthread_t spinner;
  pthread_create(&spinner, NULL, Spin, NULL);
  GateAwait(&spinning);
  return 0;
}
