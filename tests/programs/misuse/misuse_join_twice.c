// SPDX-License-Identifier: Apache-2.0
// misuse_join_twice.c: a thread is joined a second time.
#include <pthread.h>

static void* Work(void* unused) { return NULL; }

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  pthread_join(worker, NULL);  // want sync.misuse x1: joined a second time
  return 0;
}
