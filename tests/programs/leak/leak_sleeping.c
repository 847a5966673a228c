// SPDX-License-Identifier: Apache-2.0
// leak_sleeping.c: a thread is asleep for a long time when main returns.
//
//   main                  sleeper
//   .                     sleep(1000)    ends by itself, but not in time
//   return                .
#include <pthread.h>
#include <unistd.h>

#include "tests/support/order.h"

static Sleeper sleeper_asleep;

static void* Sleep(void* unused) {
  AboutToSleep(&sleeper_asleep);
  sleep(1000);  // want leak.alive: \[nanosleep\]
  return NULL;
}

int main(void) {
  pthread_t sleeper;
  pthread_create(&sleeper, NULL, Sleep, NULL);
  AwaitAsleepIn(&sleeper_asleep, SYS_clock_nanosleep);
  return 0;
}
