// SPDX-License-Identifier: Apache-2.0
// misuse_robust.c: the owner of a robust mutex ends, or dies, and the next one repairs what it left.
//
//   owner                 main
//   lock                  .
//   return                .
//   .                     lock: EOWNERDEAD, consistent, unlock
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex;

static void* Own(void* unused) {
  pthread_mutex_lock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t owner;
  pthread_mutexattr_t robust;
  pthread_mutexattr_init(&robust);
  pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mutex, &robust);
  pthread_mutexattr_destroy(&robust);
  pthread_create(&owner, NULL, Own, NULL);
  pthread_join(owner, NULL);
  printf("%d\n", pthread_mutex_lock(&mutex) == EOWNERDEAD);
  pthread_mutex_consistent(&mutex);
  pthread_mutex_unlock(&mutex);
  printf("%d\n", pthread_mutex_lock(&mutex));
  pthread_mutex_unlock(&mutex);
  return pthread_mutex_destroy(&mutex);
}
