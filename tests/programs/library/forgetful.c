// SPDX-License-Identifier: Apache-2.0
// forgetful.c: a library that starts a thread for each call, and never joins it.
#include <pthread.h>

static void* Work(void* ended) {
  __atomic_store_n((int*)ended, 1, __ATOMIC_RELEASE);
  return NULL;
}

int StartWork(int* ended) {
  pthread_t worker;
  return pthread_create(&worker, NULL, Work, ended);
}
