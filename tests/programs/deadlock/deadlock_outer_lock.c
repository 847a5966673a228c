// SPDX-License-Identifier: Apache-2.0
// deadlock_outer_lock.c: a thread waits for a condition with a second mutex held, which the signaller needs.
//
//   main                  consumer           producer
//   .                     lock outer         .
//   .                     lock inner         .
//   .                     wait (inner)       lock outer      would signal, if it came that far
//   join consumer         .                  .
//
// hangs: yes
#include <pthread.h>

#include "tests/support/order.h"

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready_changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper consumer_asleep;

static void* Consume(void* unused) {
  pthread_mutex_lock(&outer);
  pthread_mutex_lock(&inner);
  AboutToSleep(&consumer_asleep);
  while (!ready) pthread_cond_wait(&ready_changed, &inner);  // want deadlock.all: \[pthread_cond_wait\]
  pthread_mutex_unlock(&inner);
  pthread_mutex_unlock(&outer);
  return NULL;
}

static void* Produce(void* unused) {
  AwaitAsleep(&consumer_asleep);
  pthread_mutex_lock(&outer);  // want deadlock.all: \[pthread_mutex_lock\]
  pthread_mutex_lock(&inner);
  ready = 1;
  pthread_cond_signal(&ready_changed);
  pthread_mutex_unlock(&inner);
  pthread_mutex_unlock(&outer);
  return NULL;
}

int main(void) {
  pthread_t consumer, producer;
  pthread_create(&consumer, NULL, Consume, NULL);
  pthread_create(&producer, NULL, Produce, NULL);
  pthread_join(consumer, NULL);  // want deadlock.all: \[pthread_join\]
  pthread_join(producer, NULL);
  return 0;
}
