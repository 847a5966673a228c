// SPDX-License-Identifier: Apache-2.0
// misuse_barrier_zero.c: a barrier for nobody: the call fails, and the program does not look.
//
// twin: leak_barrier_short.c
#include <pthread.h>

int main(void) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, 0);  // want sync.misuse x1: count of 0
  return 0;
}
