// SPDX-License-Identifier: Apache-2.0
// heavy_many_at_once.c: five hundred threads that are there at the same time, all waiting for one broadcast.
#include <pthread.h>

enum { kThreads = 500 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting = 0, released = 0;

static void* Wait(void* unused) {
  pthread_mutex_lock(&mutex);
  ++waiting;
  pthread_cond_broadcast(&changed);
  while (!released) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 * 1024);
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], &small, Wait, NULL);
  pthread_mutex_lock(&mutex);
  while (waiting < kThreads) pthread_cond_wait(&changed, &mutex);
  released = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  return 0;
}
