// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_not_owner.c: a signal from thread to thread, done with a semaphore, which belongs to nobody.
#include <pthread.h>
#include <semaphore.h>

static sem_t done;

static void* Work(void* unused) {
  sem_post(&done);
  return NULL;
}

int main(void) {
  pthread_t worker;
  sem_init(&done, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
  sem_wait(&done);
  pthread_join(worker, NULL);
  return sem_destroy(&done);
}
