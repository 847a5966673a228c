// SPDX-License-Identifier: Apache-2.0
// leak_poll.c: the event loop is woken through its pipe, and joined.
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/order.h"

static int ends[2];
static Sleeper loop_asleep;

static void* Loop(void* unused) {
  struct pollfd entry = {.fd = ends[0], .events = POLLIN};
  AboutToSleep(&loop_asleep);
  printf("poll %d\n", poll(&entry, 1, -1));
  return NULL;
}

int main(void) {
  pthread_t loop;
  if (pipe(ends) != 0) return 1;
  pthread_create(&loop, NULL, Loop, NULL);
  AwaitAsleepIn(&loop_asleep, SYS_poll);
  if (write(ends[1], "", 1) != 1) return 1;
  pthread_join(loop, NULL);
  return 0;
}
