// SPDX-License-Identifier: Apache-2.0
// misuse_ended_holding.c: locks are given back by cleanup handlers and by destructors of thread-specific data,
// which run after the thread's function; and main may end, and with it the process, with whatever it holds.
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static pthread_mutex_t in_cleanup = PTHREAD_MUTEX_INITIALIZER, in_destructor = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t of_main = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static sem_t never;
static Sleeper cancelled_asleep;

static void Unlock(void* mutex) { pthread_mutex_unlock(mutex); }

static void* ReturnWithKey(void* unused) {
  pthread_mutex_lock(&in_destructor);
  pthread_setspecific(key, &in_destructor);
  return NULL;
}

static void* GetCancelled(void* unused) {
  pthread_mutex_lock(&in_cleanup);
  pthread_cleanup_push(Unlock, &in_cleanup);
  AboutToSleep(&cancelled_asleep);
  sem_wait(&never);
  pthread_cleanup_pop(1);
  return NULL;
}

int main(void) {
  pthread_t threads[2];
  sem_init(&never, 0, 0);
  pthread_key_create(&key, Unlock);
  pthread_create(&threads[0], NULL, ReturnWithKey, NULL);
  pthread_create(&threads[1], NULL, GetCancelled, NULL);
  AwaitAsleep(&cancelled_asleep);
  pthread_cancel(threads[1]);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  pthread_mutex_lock(&of_main);
  return 0;
}
