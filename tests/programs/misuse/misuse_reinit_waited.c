// SPDX-License-Identifier: Apache-2.0
// misuse_reinit_waited.c: a semaphore is initialized again while a thread waits on it; the waiter is cancelled.
//
// twin: misuse_destroy_waited_semaphore.c
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static sem_t work;
static Sleeper waiter_asleep;

static void* Wait(void* unused) {
  AboutToSleep(&waiter_asleep);
  sem_wait(&work);
  return NULL;
}

int main(void) {
  pthread_t waiter;
  sem_init(&work, 0, 0);
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  sem_init(&work, 0, 0);  // want sync.misuse x1: initialized again while a thread was waiting
  pthread_cancel(waiter);
  return pthread_join(waiter, NULL);
}
