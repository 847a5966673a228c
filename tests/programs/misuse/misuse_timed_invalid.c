// SPDX-License-Identifier: Apache-2.0
// misuse_timed_invalid.c: waits with a time that is none (1,000,000,000 ns): each fails at once with EINVAL,
// and a loop around it would spin.
//
// twin: deadlock_abba_timed_pthread.c
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t never;

int main(void) {
  struct timespec wrong = {.tv_sec = 1, .tv_nsec = 1000 * 1000 * 1000};
  sem_init(&never, 0, 0);
  sem_timedwait(&never, &wrong);  // want sync.misuse x1: EINVAL
  pthread_mutex_lock(&mutex);
  pthread_cond_timedwait(&changed, &mutex, &wrong);  // want sync.misuse x1: EINVAL
  pthread_mutex_unlock(&mutex);
  return 0;
}
