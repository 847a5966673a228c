// SPDX-License-Identifier: Apache-2.0
// exit_own_status.c: a program that fails by itself keeps its status, and its output on both channels.
//
// exit: 7
#include <pthread.h>
#include <stdio.h>

static void* Complain(void* unused) {
  fprintf(stderr, "no such file\n");
  return (void*)7;
}

int main(void) {
  pthread_t worker;
  void* status;
  pthread_create(&worker, NULL, Complain, NULL);
  pthread_join(worker, &status);
  puts("done");
  return (int)(long)status;
}
