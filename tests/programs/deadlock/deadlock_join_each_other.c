// SPDX-License-Identifier: Apache-2.0
// deadlock_join_each_other.c: two threads join each other. POSIX lets pthread_join find that out; glibc 2.36
// does not.
//
//   first                 second
//   join second           join first
//
// hangs: yes
// twin: deadlock_join_ring.c
#include <pthread.h>

#include "tests/support/order.h"

static pthread_t first, second;
static Gate all_created;

static void* First(void* unused) {
  GateAwait(&all_created);
  // want deadlock.cycle x1: (\[pthread_join\].*){2}
  pthread_join(second, NULL);  // want deadlock.all: .
  return NULL;
}

static void* Second(void* unused) {
  GateAwait(&all_created);
  // want deadlock.cycle x1: (\[pthread_join\].*){2}
  pthread_join(first, NULL);  // want deadlock.all: .
  return NULL;
}

int main(void) {
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  GateOpen(&all_created);
  pthread_exit(NULL);
}
