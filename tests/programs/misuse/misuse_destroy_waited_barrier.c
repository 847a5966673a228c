// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_waited_barrier.c: a barrier is destroyed while a visitor waits at it. glibc waits, in
// pthread_barrier_destroy, for the visitor to leave, and the visitor waits for a second one.
//
//   main                  visitor
//   .                     barrier wait
//   destroy               .
//
// hangs: yes
#include <pthread.h>

#include "tests/support/order.h"

static pthread_barrier_t barrier;
static Sleeper visitor_asleep;

static void* Visit(void* unused) {
  AboutToSleep(&visitor_asleep);
  pthread_barrier_wait(&barrier);  // want deadlock.all: \[pthread_barrier_wait\]
  return NULL;
}

int main(void) {
  pthread_t visitor;
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&visitor, NULL, Visit, NULL);
  AwaitAsleep(&visitor_asleep);
  // want sync.misuse x1: destroyed while a thread was waiting
  pthread_barrier_destroy(&barrier);  // want deadlock.all: .
  return pthread_join(visitor, NULL);
}
