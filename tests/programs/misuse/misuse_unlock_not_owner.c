// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_not_owner.c: a mutex used as a signal: one thread locks it, another one unlocks it.
//
//   locker                main
//   lock                  .
//   .                     unlock
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Gate locked, unlocked;

static void* Lock(void* unused) {
  pthread_mutex_lock(&mutex);  // want sync.misuse x1: other than the one
  GateOpen(&locked);
  GateAwait(&unlocked);
  return NULL;
}

int main(void) {
  pthread_t locker;
  pthread_create(&locker, NULL, Lock, NULL);
  GateAwait(&locked);
  pthread_mutex_unlock(&mutex);  // want sync.misuse x1: other than the one
  GateOpen(&unlocked);
  return pthread_join(locker, NULL);
}
