// SPDX-License-Identifier: Apache-2.0
// fork_with_handlers.c: pthread_atfork handlers take the mutex around the fork, so both sides find it free.
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Gate is_locked;

static void Lock(void) { pthread_mutex_lock(&mutex); }
static void Unlock(void) { pthread_mutex_unlock(&mutex); }

static void* Use(void* unused) {
  for (int i = 0; i < 1000; ++i) {
    Lock();
    GateOpen(&is_locked);
    Unlock();
  }
  return NULL;
}

int main(void) {
  pthread_t user;
  int status = 1;
  pthread_atfork(Lock, Unlock, Unlock);
  pthread_create(&user, NULL, Use, NULL);
  GateAwait(&is_locked);
  pid_t child = fork();
  if (child == 0) {
    Lock();
    Unlock();
    exit(0);
  }
  pthread_join(user, NULL);
  waitpid(child, &status, 0);
  return status;
}
