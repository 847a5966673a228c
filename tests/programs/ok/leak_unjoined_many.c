// SPDX-License-Identifier: Apache-2.0
// leak_unjoined_many.c: six threads joined in six ways: plainly, by try, with a time limit, by clock, by
// detaching from inside and by being created detached.
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "tests/support/order.h"

enum { kWorkers = 6 };

static Sleeper alive[kWorkers];

static void* Work(void* sleeper) {
  if (sleeper == &alive[4]) pthread_detach(pthread_self());
  AboutToSleep(sleeper);
  return NULL;
}

int main(void) {
  pthread_t workers[kWorkers];
  pthread_attr_t detached;
  struct timespec limit;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < kWorkers; ++i) pthread_create(&workers[i], i == 5 ? &detached : NULL, Work, &alive[i]);
  pthread_attr_destroy(&detached);
  pthread_join(workers[0], NULL);
  while (pthread_tryjoin_np(workers[1], NULL) == EBUSY) OrderYield();
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += 60;
  pthread_timedjoin_np(workers[2], NULL, &limit);
  clock_gettime(CLOCK_MONOTONIC, &limit);
  limit.tv_sec += 60;
  pthread_clockjoin_np(workers[3], NULL, CLOCK_MONOTONIC, &limit);
  for (int i = 4; i < kWorkers; ++i) AwaitEnd(&alive[i]);
  return 0;
}
