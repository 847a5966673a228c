// SPDX-License-Identifier: Apache-2.0
// misuse_reinit_locked.c: locks are initialized again while they are held, and so lose their holder.
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_init(&mutex, NULL);  // want sync.misuse x1: initialized again while it was held
  pthread_rwlock_wrlock(&rwlock);
  pthread_rwlock_init(&rwlock, NULL);  // want sync.misuse x1: initialized again while it was held
  return 0;
}
