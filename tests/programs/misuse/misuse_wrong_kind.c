// SPDX-License-Identifier: Apache-2.0
// misuse_wrong_kind.c: an rwlock is used as a mutex, after it was used as what it is.
#include <pthread.h>

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

int main(void) {
  pthread_mutex_t* not_a_mutex = (pthread_mutex_t*)(void*)&rwlock;
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_mutex_lock(not_a_mutex);    // want sync.misuse: as if it were of another
  pthread_mutex_unlock(not_a_mutex);  // maybe sync.misuse: as if it were of another
  return 0;
}
