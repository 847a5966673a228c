// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_waited_semaphore.c: the waiter is cancelled and joined before the semaphore is destroyed.
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
  pthread_cancel(waiter);
  pthread_join(waiter, NULL);
  return sem_destroy(&work);
}
