// SPDX-License-Identifier: Apache-2.0
// misuse_join_self.c: a thread joins itself: the call fails, and the program does not look.
//
// twin: misuse_join_twice.c
#include <pthread.h>

static void* JoinSelf(void* unused) {
  pthread_join(pthread_self(), NULL);  // want sync.misuse x1: join itself
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, JoinSelf, NULL);
  return pthread_join(worker, NULL);
}
