// SPDX-License-Identifier: Apache-2.0
// leak_threads_behind_leak.c: a worker waits for ever with a lock held; two threads want the lock, in two
// places, and a third joins one of these. That is one leak and its consequences.
//
//   worker           getter       putter       joiner
//   lock             .            .            .
//   sem_wait         lock         lock         join getter
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t work;
static pthread_t getter;
static Sleeper asleep[4];

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&asleep[0]);
  sem_wait(&work);  // want leak.blocked x1: \[sem_wait\]
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* Get(void* unused) {
  AboutToSleep(&asleep[1]);
  pthread_mutex_lock(&mutex);  // behind leak.blocked x3: \[pthread_mutex_lock\]
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* Put(void* unused) {
  AboutToSleep(&asleep[2]);
  pthread_mutex_lock(&mutex);  // behind leak.blocked x3: \[pthread_mutex_lock\]
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* Join(void* unused) {
  AboutToSleep(&asleep[3]);
  pthread_join(getter, NULL);  // behind leak.blocked x3: \[pthread_join\]
  return NULL;
}

int main(void) {
  pthread_t others[3];
  sem_init(&work, 0, 0);
  pthread_create(&others[0], NULL, Work, NULL);
  AwaitAsleep(&asleep[0]);
  pthread_create(&getter, NULL, Get, NULL);
  AwaitAsleep(&asleep[1]);
  pthread_create(&others[1], NULL, Put, NULL);
  AwaitAsleep(&asleep[2]);
  pthread_create(&others[2], NULL, Join, NULL);
  AwaitAsleep(&asleep[3]);
  return 0;
}
