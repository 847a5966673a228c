// SPDX-License-Identifier: Apache-2.0
// deadlock_semaphores.c: both threads take the semaphores in one order.
#include <pthread.h>
#include <semaphore.h>

static sem_t a, b;

static void* Work(void* unused) {
  for (int i = 0; i < 500; ++i) {
    sem_wait(&a);
    sem_wait(&b);
    sem_post(&b);
    sem_post(&a);
  }
  return NULL;
}

int main(void) {
  pthread_t first, second;
  sem_init(&a, 0, 1);
  sem_init(&b, 0, 1);
  pthread_create(&first, NULL, Work, NULL);
  pthread_create(&second, NULL, Work, NULL);
  pthread_join(first, NULL);
  pthread_join(second, NULL);
  return 0;
}
