// SPDX-License-Identifier: Apache-2.0
// leak_spinning.c: the spinner looks at a flag, and is joined.
#include <pthread.h>
#include <stdatomic.h>

#include "tests/support/order.h"

static Gate spinning;
static atomic_int stop;
static volatile unsigned long result;

static void* Spin(void* unused) {
  GateOpen(&spinning);
  while (!stop) ++result;
  return NULL;
}

int main(void) {
  pthread_t spinner;
  pthread_create(&spinner, NULL, Spin, NULL);
  GateAwait(&spinning);
  stop = 1;
  pthread_join(spinner, NULL);
  return 0;
}
