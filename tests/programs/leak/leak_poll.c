// SPDX-License-Identifier: Apache-2.0
// leak_poll.c: an event loop still polls when main returns.
//
//   main                  loop
//   .                     poll(-1)       blocked by the outside
//   return                .
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/support/order.h"

static int ends[2];
static Sleeper loop_asleep;

static void* Loop(void* unused) {
  struct pollfd entry = {.fd = ends[0], .events = POLLIN};
  AboutToSleep(&loop_asleep);
  poll(&entry, 1, -1);  // want leak.alive: \[poll\]
  return NULL;
}

int main(void) {
  pthread_t loop;
  if (pipe(ends) != 0) return 1;
  pthread_create(&loop, NULL, Loop, NULL);
  AwaitAsleepIn(&loop_asleep, SYS_poll);
  return 0;
}
