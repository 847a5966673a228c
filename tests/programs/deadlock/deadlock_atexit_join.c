// SPDX-License-Identifier: Apache-2.0
// deadlock_atexit_join.c: exit is called with a lock held; a handler joins the thread that wants that lock.
//
//   main                  worker
//   lock                  .
//   exit                  .
//   atexit: join          lock           each waits for the other
//
// hangs: yes
// twin: exit_atexit_joins.c
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_t worker;

static void* Work(void* unused) {
  pthread_mutex_lock(&mutex);  // want deadlock.cycle x1: .
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void JoinWorker(void) {
  // want deadlock.cycle x1: \[pthread_join\]
  if (pthread_join(worker, NULL) != 0) abort();  // want deadlock.all: .
}

int main(void) {
  atexit(JoinWorker);
  pthread_mutex_lock(&mutex);
  pthread_create(&worker, NULL, Work, NULL);
  exit(0);
}
