// SPDX-License-Identifier: Apache-2.0
// exit_worker_ends_program.c: a signal thread calls exit while main joins it, as servers do. Main has not
// leaked.
//
// exit: 3
#include <pthread.h>
#include <stdlib.h>

#include "tests/support/order.h"

static Sleeper main_asleep;

static void* EndProgram(void* unused) {
  AwaitAsleep(&main_asleep);
  exit(3);
}

int main(void) {
  pthread_t ender;
  pthread_create(&ender, NULL, EndProgram, NULL);
  AboutToSleep(&main_asleep);
  return pthread_join(ender, NULL);
}
