// SPDX-License-Identifier: Apache-2.0
// misuse_use_destroyed_others.c: a condition, an rwlock and a semaphore are used after they were destroyed.
// glibc does not notice any of it.
//
// twin: misuse_destroy_locked.c
#include <pthread.h>
#include <semaphore.h>

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;

int main(void) {
  pthread_cond_destroy(&changed);
  pthread_cond_signal(&changed);  // want sync.misuse x1: after it had been destroyed
  pthread_rwlock_destroy(&rwlock);
  pthread_rwlock_rdlock(&rwlock);  // want sync.misuse x1: after it had been destroyed
  pthread_rwlock_unlock(&rwlock);  // maybe sync.misuse: after it had been destroyed
  sem_init(&semaphore, 0, 0);
  sem_destroy(&semaphore);
  sem_post(&semaphore);  // want sync.misuse x1: after it had been destroyed
  return 0;
}
