// SPDX-License-Identifier: Apache-2.0
// misuse_rwunlock_not_locked.c: every reader and writer gives back what it took, also what it took twice.
#include <pthread.h>

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void* Read(void* unused) {
  for (int i = 0; i < 200; ++i) {
    if (pthread_rwlock_tryrdlock(&rwlock) != 0) continue;
    pthread_rwlock_unlock(&rwlock);
  }
  return NULL;
}

int main(void) {
  pthread_t reader;
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_rdlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_rwlock_unlock(&rwlock);
  pthread_create(&reader, NULL, Read, NULL);
  for (int i = 0; i < 200; ++i) {
    if (pthread_rwlock_trywrlock(&rwlock) != 0) pthread_rwlock_wrlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
  }
  return pthread_join(reader, NULL);
}
