// SPDX-License-Identifier: Apache-2.0
// misuse_wrong_kind.c: one piece of memory is a mutex, then an rwlock, then a semaphore, each initialized anew.
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

static union {
  pthread_mutex_t mutex;
  pthread_rwlock_t rwlock;
  sem_t semaphore;
} memory;

int main(void) {
  pthread_mutex_init(&memory.mutex, NULL);
  pthread_mutex_lock(&memory.mutex);
  pthread_mutex_unlock(&memory.mutex);
  memset(&memory, 0, sizeof(memory));  // not destroyed: nothing asks for that where it does nothing
  pthread_rwlock_init(&memory.rwlock, NULL);
  pthread_rwlock_wrlock(&memory.rwlock);
  pthread_rwlock_unlock(&memory.rwlock);
  pthread_rwlock_destroy(&memory.rwlock);
  sem_init(&memory.semaphore, 0, 1);
  sem_wait(&memory.semaphore);
  sem_destroy(&memory.semaphore);
  return 0;
}
