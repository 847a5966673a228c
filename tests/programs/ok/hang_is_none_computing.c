// SPDX-License-Identifier: Apache-2.0
// hang_is_none_computing.c: main waits on a condition for a worker that computes for longer than stray's grace
// and calls nothing meanwhile: its processor time is progress, also beside a sanitizer's thread that always
// takes some.
//
// modes: gcc-O2 static-tsan shared-tsan
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t computed = PTHREAD_COND_INITIALIZER;
static int done;

static long ProcessorMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void* Compute(void* unused) {
  const long end = ProcessorMs() + 900;
  while (ProcessorMs() < end) {
  }
  pthread_mutex_lock(&mutex);
  done = 1;
  pthread_cond_signal(&computed);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Compute, NULL);
  pthread_mutex_lock(&mutex);
  while (!done) pthread_cond_wait(&computed, &mutex);
  pthread_mutex_unlock(&mutex);
  pthread_join(worker, NULL);
  puts("done");
  return 0;
}
