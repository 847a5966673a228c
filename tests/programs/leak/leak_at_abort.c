// SPDX-License-Identifier: Apache-2.0
// leak_at_abort.c: the program dies by SIGABRT; what is proved is reported, and the status stays 134.
//
//   main                  careless       waiter
//   .                     lock           .
//   .                     return         lock           blocked: its holder is no more
//   SIGABRT               .
//
// The crash is no proof of a leak by itself: a worker waiting for work might have got some (see the twin).
// exit: 134
// twin: leak_crash_idle_worker.c
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Sleeper waiter_asleep;

static void* Careless(void* unused) {
  pthread_mutex_lock(&mutex);  // want sync.misuse: ended while it held
  return NULL;
}

static void* Wait(void* unused) {
  AboutToSleep(&waiter_asleep);
  pthread_mutex_lock(&mutex);  // want leak.blocked: \[pthread_mutex_lock\]
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t careless, waiter;
  pthread_create(&careless, NULL, Careless, NULL);
  pthread_join(careless, NULL);
  pthread_create(&waiter, NULL, Wait, NULL);
  AwaitAsleep(&waiter_asleep);
  abort();
  return 1;
}
