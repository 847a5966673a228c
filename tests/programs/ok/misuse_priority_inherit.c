// SPDX-License-Identifier: Apache-2.0
// misuse_priority_inherit.c: mutexes that inherit priority, recursive and contended.
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex;
static int count;

static void* Work(void* unused) {
  for (int i = 0; i < 2000; ++i) {
    pthread_mutex_lock(&mutex);
    ++count;
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_mutexattr_t inherit;
  pthread_mutexattr_init(&inherit);
  pthread_mutexattr_setprotocol(&inherit, PTHREAD_PRIO_INHERIT);
  pthread_mutexattr_settype(&inherit, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&mutex, &inherit);
  pthread_mutexattr_destroy(&inherit);
  pthread_create(&other, NULL, Work, NULL);
  Work(NULL);
  pthread_join(other, NULL);
  printf("%d\n", count);
  return pthread_mutex_destroy(&mutex);
}
