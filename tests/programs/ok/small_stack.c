// SPDX-License-Identifier: Apache-2.0
// small_stack.c: threads with the smallest stack that pthread allows still have room for what stray adds.
#include <limits.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
static int count = 0;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&inner);
  ++count;
  pthread_mutex_unlock(&inner);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t threads[8];
  pthread_attr_t smallest;
  pthread_attr_init(&smallest);
  pthread_attr_setstacksize(&smallest, (size_t)PTHREAD_STACK_MIN);
  for (int i = 0; i < 8; ++i) pthread_create(&threads[i], &smallest, Work, NULL);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  printf("%d\n", count);
  return 0;
}
