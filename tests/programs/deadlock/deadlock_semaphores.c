// SPDX-License-Identifier: Apache-2.0
// deadlock_semaphores.c: semaphores used as locks, taken in opposite orders. They have no owner, so it is no
// circle that can be proved; but every thread is blocked.
//
//   first                 second
//   sem_wait a            sem_wait b
//   sem_wait b            sem_wait a
//
// hangs: yes
#include <pthread.h>
#include <semaphore.h>

#include "tests/support/order.h"

static sem_t a, b;
static Meeting both_hold_one;

static void* First(void* unused) {
  sem_wait(&a);
  Meet(&both_hold_one, 2);
  sem_wait(&b);  // want deadlock.all: \[sem_wait\]
  sem_post(&b);
  sem_post(&a);
  return NULL;
}

static void* Second(void* unused) {
  sem_wait(&b);
  Meet(&both_hold_one, 2);
  sem_wait(&a);  // want deadlock.all: \[sem_wait\]
  sem_post(&a);
  sem_post(&b);
  return NULL;
}

int main(void) {
  pthread_t first, second;
  sem_init(&a, 0, 1);
  sem_init(&b, 0, 1);
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  pthread_join(first, NULL);  // want deadlock.all: \[pthread_join\]
  pthread_join(second, NULL);
  return 0;
}
