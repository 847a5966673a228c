// SPDX-License-Identifier: Apache-2.0
// static_program.c: the program that incomplete_static_child.c runs.
//
// build: static program
#include <pthread.h>

static void* Work(void* unused) { return unused; }

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  return pthread_join(worker, NULL);
}
