// SPDX-License-Identifier: Apache-2.0
// threads.c: a library that starts a thread when it is loaded, and stops it when it is unloaded.
#include <pthread.h>
#include <semaphore.h>

static pthread_t worker;
static sem_t work, done;

static void* Work(void* unused) {
  for (sem_wait(&work);; sem_wait(&work)) {
    int value;
    sem_post(&done);
    sem_getvalue(&done, &value);
    if (value == 2) return NULL;  // nobody has taken the last one: we are asked to end
  }
}

__attribute__((constructor)) static void Start(void) {
  sem_init(&work, 0, 0);
  sem_init(&done, 0, 0);
  pthread_create(&worker, NULL, Work, NULL);
}

__attribute__((destructor)) static void Stop(void) {
  sem_post(&done);
  sem_post(&work);
  pthread_join(worker, NULL);
}

int DoWork(void) {
  sem_post(&work);
  sem_wait(&done);
  return 42;
}
