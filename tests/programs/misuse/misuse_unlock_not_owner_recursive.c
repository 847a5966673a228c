// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_not_owner_recursive.c: a recursive mutex refuses the unlock of a stranger, who does not look.
//
// twin: misuse_unlock_not_locked.c
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static Gate locked, tried;

static void* Lock(void* unused) {
  pthread_mutex_lock(&mutex);
  GateOpen(&locked);
  GateAwait(&tried);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t locker;
  pthread_create(&locker, NULL, Lock, NULL);
  GateAwait(&locked);
  pthread_mutex_unlock(&mutex);  // want sync.misuse x1: other than the one
  GateOpen(&tried);
  return pthread_join(locker, NULL);
}
