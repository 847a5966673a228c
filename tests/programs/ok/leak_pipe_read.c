// SPDX-License-Identifier: Apache-2.0
// leak_pipe_read.c: the pipe is closed, and the reader comes back with its end.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/order.h"

static int ends[2];
static Sleeper reader_asleep;

static void* Read(void* unused) {
  char byte = 'x';
  AboutToSleep(&reader_asleep);
  printf("read %d\n", (int)read(ends[0], &byte, 1));
  return NULL;
}

int main(void) {
  pthread_t reader;
  if (pipe(ends) != 0) return 1;
  pthread_create(&reader, NULL, Read, NULL);
  AwaitAsleepIn(&reader_asleep, SYS_read);
  close(ends[1]);
  pthread_join(reader, NULL);
  return 0;
}
