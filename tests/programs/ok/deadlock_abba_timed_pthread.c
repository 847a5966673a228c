// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_timed_pthread.c: opposite orders with every timed call there is: mutex, rwlock, C11, by either
// clock. All of them give up.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <threads.h>
#include <time.h>

#include "tests/support/order.h"

static pthread_mutex_t mutexes[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_rwlock_t rwlocks[2] = {PTHREAD_RWLOCK_INITIALIZER, PTHREAD_RWLOCK_INITIALIZER};
static mtx_t mtxs[2];
static Meeting all_held, all_tried;

static struct timespec Soon(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  time.tv_nsec += 10 * 1000 * 1000;
  if (time.tv_nsec >= 1000 * 1000 * 1000) {
    time.tv_nsec -= 1000 * 1000 * 1000;
    time.tv_sec += 1;
  }
  return time;
}

static void* Work(void* side) {
  const int mine = side != NULL, other = !mine;
  pthread_mutex_lock(&mutexes[mine]);
  pthread_rwlock_wrlock(&rwlocks[mine]);
  mtx_lock(&mtxs[mine]);
  Meet(&all_held, 2);
  struct timespec real = Soon(CLOCK_REALTIME), monotonic = Soon(CLOCK_MONOTONIC);
  int timeouts = (pthread_mutex_timedlock(&mutexes[other], &real) == ETIMEDOUT) +
                 (pthread_mutex_clocklock(&mutexes[other], CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT) +
                 (pthread_rwlock_timedrdlock(&rwlocks[other], &real) == ETIMEDOUT) +
                 (pthread_rwlock_timedwrlock(&rwlocks[other], &real) == ETIMEDOUT) +
                 (pthread_rwlock_clockrdlock(&rwlocks[other], CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT) +
                 (pthread_rwlock_clockwrlock(&rwlocks[other], CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT) +
                 (mtx_timedlock(&mtxs[other], &real) == thrd_timedout);
  Meet(&all_tried, 2);
  mtx_unlock(&mtxs[mine]);
  pthread_rwlock_unlock(&rwlocks[mine]);
  pthread_mutex_unlock(&mutexes[mine]);
  return (void*)(long)timeouts;
}

int main(void) {
  pthread_t other;
  void* timeouts;
  for (int i = 0; i < 2; ++i) mtx_init(&mtxs[i], mtx_timed);
  pthread_create(&other, NULL, Work, &mutexes[1]);
  long own = (long)Work(NULL);
  pthread_join(other, &timeouts);
  printf("%ld %ld\n", own, (long)timeouts);
  return 0;
}
