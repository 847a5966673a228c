// SPDX-License-Identifier: Apache-2.0
// misuse_ended_holding.c: threads end with a lock held, one by return, one by pthread_exit, one by
// cancellation.
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static pthread_mutex_t returned = PTHREAD_MUTEX_INITIALIZER, exited = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t cancelled = PTHREAD_RWLOCK_INITIALIZER;
static sem_t never;
static Sleeper cancelled_asleep;

static void* Return(void* unused) {
  pthread_mutex_lock(&returned);  // want sync.misuse x1: ended while it held
  return NULL;
}

static void* Exit(void* unused) {
  pthread_mutex_lock(&exited);  // want sync.misuse x1: ended while it held
  pthread_exit(NULL);
}

static void* GetCancelled(void* unused) {
  pthread_rwlock_wrlock(&cancelled);  // want sync.misuse x1: ended while it held
  AboutToSleep(&cancelled_asleep);
  sem_wait(&never);
  return NULL;
}

int main(void) {
  pthread_t threads[3];
  sem_init(&never, 0, 0);
  pthread_create(&threads[0], NULL, Return, NULL);
  pthread_create(&threads[1], NULL, Exit, NULL);
  pthread_create(&threads[2], NULL, GetCancelled, NULL);
  AwaitAsleep(&cancelled_asleep);
  pthread_cancel(threads[2]);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  return 0;
}
