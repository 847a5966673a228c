// SPDX-License-Identifier: Apache-2.0
// leak_pipe_read.c: a thread reads from a pipe to which nobody writes.
//
//   main                  reader
//   pipe                  .
//   .                     read           blocked, but a descriptor counts as the outside
//   return                .
#include <pthread.h>
#include <unistd.h>

#include "tests/support/order.h"

static int ends[2];
static Sleeper reader_asleep;

static void* Read(void* unused) {
  char byte;
  AboutToSleep(&reader_asleep);
  if (read(ends[0], &byte, 1) != 1) return NULL;  // want leak.alive: \[read\]
  return NULL;
}

int main(void) {
  pthread_t reader;
  if (pipe(ends) != 0) return 1;
  pthread_create(&reader, NULL, Read, NULL);
  AwaitAsleepIn(&reader_asleep, SYS_read);
  return 0;
}
