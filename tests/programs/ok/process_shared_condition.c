// SPDX-License-Identifier: Apache-2.0
// process_shared_condition.c: a process-shared condition is destroyed when its waiter has been woken by another
// process, whose signals nobody sees in this one, and is not back yet.
//
//   main                  waiter             child
//   .                     wait               .
//   lock, fork            .                  .
//   .                     .                  signal, exit
//   destroy, unlock       .                  .
//   .                     return             .
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/order.h"

typedef struct Shared {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int ready;
} Shared;

static Shared* shared;
static Sleeper waiter_asleep;

static void* Wait(void* unused) {
  pthread_mutex_lock(&shared->mutex);
  AboutToSleep(&waiter_asleep);
  while (!shared->ready) pthread_cond_wait(&shared->changed, &shared->mutex);
  pthread_mutex_unlock(&shared->mutex);
  return NULL;
}

static void MakeShared(void) {
  pthread_mutexattr_t mutex_attributes;
  pthread_condattr_t cond_attributes;
  shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_init(&mutex_attributes);
  pthread_mutexattr_setpshared(&mutex_attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &mutex_attributes);
  pthread_condattr_init(&cond_attributes);
  pthread_condattr_setpshared(&cond_attributes, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&shared->changed, &cond_attributes);
}

int main(void) {
  pthread_t waiter;
  int status = 1;
  MakeShared();
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  pthread_mutex_lock(&shared->mutex);
  shared->ready = 1;
  pid_t child = fork();
  if (child == 0) {
    pthread_cond_signal(&shared->changed);
    _exit(0);
  }
  waitpid(child, &status, 0);
  pthread_cond_destroy(&shared->changed);
  pthread_mutex_unlock(&shared->mutex);
  pthread_join(waiter, NULL);
  return status;
}
