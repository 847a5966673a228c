// SPDX-License-Identifier: Apache-2.0
// misuse_detach_joined.c: a thread is detached after it was joined.
//
// twin: misuse_join_detached.c
#include <pthread.h>

static void* Work(void* unused) { return NULL; }

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  pthread_detach(worker);  // want sync.misuse x1: after it had been joined
  return 0;
}
