// SPDX-License-Identifier: Apache-2.0
// deadlock_in_forked_child.c: fork copies a mutex that another thread holds, but not that thread.
//
//   main                  holder             child
//   .                     lock               .
//   fork                  .                  lock        its holder does not exist in this process
//   waitpid               .                  .
//
// hangs: yes
// twin: fork_with_handlers.c
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Gate is_locked, is_forked;

static void* Hold(void* unused) {
  pthread_mutex_lock(&mutex);
  GateOpen(&is_locked);
  GateAwait(&is_forked);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t holder;
  pthread_create(&holder, NULL, Hold, NULL);
  GateAwait(&is_locked);
  pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(&mutex);  // want deadlock.all: fork
    exit(0);
  }
  GateOpen(&is_forked);
  pthread_join(holder, NULL);
  return waitpid(child, NULL, 0) == child ? 0 : 1;
}
