// SPDX-License-Identifier: Apache-2.0
// misuse_cond_mutex_not_held.c: every kind of wait, with the mutex held, by time and by clock, and signalled
// both with and without the mutex.
#include <errno.h>
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper waiter_asleep;

static void* Wait(void* unused) {
  struct timespec past = {.tv_sec = 1};
  pthread_mutex_lock(&mutex);
  int timeouts = (pthread_cond_timedwait(&changed, &mutex, &past) == ETIMEDOUT) +
                 (pthread_cond_clockwait(&changed, &mutex, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
  AboutToSleep(&waiter_asleep);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  printf("%d\n", timeouts);
  return NULL;
}

int main(void) {
  pthread_t waiter;
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  pthread_cond_broadcast(&changed);
  pthread_join(waiter, NULL);
  return pthread_cond_destroy(&changed);
}
