// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_waited_semaphore.c: a semaphore is destroyed while a thread waits on it; the waiter is
// cancelled.
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
  sem_destroy(&work);  // want sync.misuse x1: destroyed while a thread was waiting
  pthread_cancel(waiter);
  return pthread_join(waiter, NULL);
}
