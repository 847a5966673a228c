// SPDX-License-Identifier: Apache-2.0
// errno_is_kept.c: calls that do not fail leave errno as it was; pthread calls never touch it.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void* Work(void* unused) {
  errno = 4242;
  pthread_mutex_lock(&mutex);
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  return (void*)(long)errno;
}

int main(void) {
  pthread_t worker;
  sem_t semaphore;
  void* in_worker;
  errno = 4711;
  sem_init(&semaphore, 0, 1);
  sem_wait(&semaphore);
  sem_post(&semaphore);
  sem_destroy(&semaphore);
  pthread_mutex_lock(&mutex);
  pthread_create(&worker, NULL, Work, NULL);
  pthread_cond_wait(&changed, &mutex);
  printf("%d\n", pthread_mutex_trylock(&mutex) == EBUSY);
  pthread_mutex_unlock(&mutex);
  pthread_rwlock_wrlock(&rwlock);
  printf("%d\n", pthread_rwlock_tryrdlock(&rwlock) == EBUSY);
  pthread_rwlock_unlock(&rwlock);
  pthread_join(worker, &in_worker);
  printf("%d %d\n", errno, (int)(long)in_worker);
  return 0;
}
