// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_upgrade_two.c: two readers both ask for the write lock; each waits for the other to leave.
//
//   main                  other
//   rdlock                rdlock
//   wrlock                wrlock
//
// Each of them also waits for itself, as in deadlock_rwlock_upgrade_self.c.
// hangs: yes
#include <pthread.h>

#include "tests/support/order.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static Meeting both_read;

static void* Upgrade(void* unused) {
  pthread_rwlock_rdlock(&rwlock);
  Meet(&both_read, 2);
  // want deadlock.cycle: each
  // maybe deadlock.self: itself
  pthread_rwlock_wrlock(&rwlock);  // maybe deadlock.all: .
  pthread_rwlock_unlock(&rwlock);
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_create(&other, NULL, Upgrade, NULL);
  Upgrade(NULL);
  return pthread_join(other, NULL);
}
