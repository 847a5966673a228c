// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_locked.c: a mutex and an rwlock are destroyed while they are held.
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);  // want sync.misuse x1: destroyed while it was held
  pthread_mutex_unlock(&mutex);
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_destroy(&rwlock);  // want sync.misuse x1: destroyed while it was held
  return 0;
}
