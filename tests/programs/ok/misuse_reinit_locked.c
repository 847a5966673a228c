// SPDX-License-Identifier: Apache-2.0
// misuse_reinit_locked.c: locks live in memory that is cleared and used again, after they were given back.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct Locks {
  pthread_mutex_t mutex;
  pthread_rwlock_t rwlock;
};

int main(void) {
  struct Locks* locks = malloc(sizeof(*locks));
  for (int i = 0; i < 3; ++i) {
    memset(locks, 0, sizeof(*locks));
    pthread_mutex_init(&locks->mutex, NULL);
    pthread_rwlock_init(&locks->rwlock, NULL);
    pthread_mutex_lock(&locks->mutex);
    pthread_rwlock_wrlock(&locks->rwlock);
    pthread_rwlock_unlock(&locks->rwlock);
    pthread_mutex_unlock(&locks->mutex);
  }
  free(locks);
  return 0;
}
