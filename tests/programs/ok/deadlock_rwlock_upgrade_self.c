// SPDX-License-Identifier: Apache-2.0
// deadlock_rwlock_upgrade_self.c: the reader gives its lock back before it asks for the write lock.
#include <pthread.h>

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  return pthread_rwlock_destroy(&rwlock);
}
