// SPDX-License-Identifier: Apache-2.0
// misuse_rwunlock_not_locked.c: an rwlock is unlocked by a thread that does not hold it, while another one
// does.
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static Gate locked, unlocked;

static void* Read(void* unused) {
  pthread_rwlock_rdlock(&rwlock);
  GateOpen(&locked);
  GateAwait(&unlocked);
  return NULL;
}

int main(void) {
  pthread_t reader;
  pthread_create(&reader, NULL, Read, NULL);
  GateAwait(&locked);
  pthread_rwlock_unlock(&rwlock);  // want sync.misuse x1: unlocked by a thread that did not hold it
  GateOpen(&unlocked);
  return pthread_join(reader, NULL);
}
