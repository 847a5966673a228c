// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_upgrade_self.c: a reader asks for the write lock of the same rwlock: it waits for itself.
//
// hangs: yes
#include <pthread.h>

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_wrlock(&rwlock);  // want deadlock.self x1: itself
  pthread_rwlock_unlock(&rwlock);
  return 0;
}
