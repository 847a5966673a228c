// SPDX-License-Identifier: Apache-2.0
// misuse_rwlock_write_twice.c: a writer asks for what it has: glibc refuses, the program does not look, and so
// it gives back once too often.
//
// twin: misuse_rwunlock_not_locked.c
#include <pthread.h>

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_wrlock(&rwlock);  // want sync.misuse x1: EDEADLK
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);  // want sync.misuse x1: unlocked by a thread that did not hold it
  return 0;
}
