// SPDX-License-Identifier: Apache-2.0
// deadlock_self_in_handler.c: the handler only counts with an atomic and posts a semaphore.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int signals;
static sem_t arrived;

static void Count(int number) {
  signals += number != 0;
  sem_post(&arrived);
}

int main(void) {
  sem_init(&arrived, 0, 0);
  signal(SIGUSR1, Count);
  pthread_mutex_lock(&mutex);
  raise(SIGUSR1);
  pthread_mutex_unlock(&mutex);
  sem_wait(&arrived);
  sem_destroy(&arrived);
  return signals - 1;
}
