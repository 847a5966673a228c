// SPDX-License-Identifier: Apache-2.0
// cancel_in_waits.c: threads are cancelled in a condition wait, a read, a sleep, a semaphore and a join; their
// cleanup handlers run, and the locks are free afterwards.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/order.h"

enum { kInCondition, kInRead, kInSleep, kInSemaphore, kInJoin, kWays };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t never;
static int ends[2], cleanups = 0, ready = 0;
static pthread_t in_semaphore;
static Sleeper asleep[kWays];

static void Clean(void* way) {
  __atomic_add_fetch(&cleanups, 1, __ATOMIC_ACQ_REL);
  if (way == &asleep[kInCondition]) pthread_mutex_unlock(&mutex);
}

static void Block(Sleeper* way) {
  char byte;
  if (way == &asleep[kInCondition]) {
    pthread_mutex_lock(&mutex);
    while (!ready) pthread_cond_wait(&changed, &mutex);
  }
  if (way == &asleep[kInRead] && read(ends[0], &byte, 1) < 0) return;
  if (way == &asleep[kInSleep]) sleep(1000);
  if (way == &asleep[kInSemaphore]) sem_wait(&never);
  if (way == &asleep[kInJoin]) pthread_join(in_semaphore, NULL);
}

static void* Run(void* way) {
  pthread_cleanup_push(Clean, way);
  AboutToSleep(way);
  Block(way);
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  static const long kCalls[kWays] = {SYS_futex, SYS_read, SYS_clock_nanosleep, SYS_futex, SYS_futex};
  pthread_t threads[kWays];
  int cancelled = 0;
  sem_init(&never, 0, 0);
  if (pipe(ends) != 0) return 1;
  for (int way = 0; way < kWays; ++way) {
    pthread_create(&threads[way], NULL, Run, &asleep[way]);
    AwaitAsleepIn(&asleep[way], kCalls[way]);
    if (way == kInSemaphore) in_semaphore = threads[way];
  }
  for (int way = kWays - 1; way >= 0; --way) {  // the join first, what it joins later
    void* result;
    pthread_cancel(threads[way]);
    pthread_join(threads[way], &result);
    cancelled += result == PTHREAD_CANCELED;
  }
  printf("%d cancelled, %d cleaned up, mutex free: %d\n", cancelled, cleanups,
         pthread_mutex_trylock(&mutex) == 0);
  pthread_mutex_unlock(&mutex);
  return 0;
}
