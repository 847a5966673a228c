// SPDX-License-Identifier: Apache-2.0
// hang_is_none_sleeping.c: main joins a worker that sleeps longer than stray's grace: no hang, it ends by
// itself.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void* Sleep(void* unused) {
  usleep(900 * 1000);
  return NULL;
}

int main(void) {
  pthread_t sleeper;
  pthread_create(&sleeper, NULL, Sleep, NULL);
  pthread_join(sleeper, NULL);
  puts("done");
  return 0;
}
