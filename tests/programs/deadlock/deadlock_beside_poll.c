// SPDX-License-Identifier: Apache-2.0
// deadlock_beside_poll.c: two threads deadlock while a server thread polls for visitors who never come. The
// poll could be ended from outside, the deadlock cannot; and everything stands still.
//
//   main                  server         first, second
//   .                     poll(-1)       lock a, b; lock b, a
//   join first            .              each waits for the other
//
// hangs: yes
// twin: deadlock_abba.cc
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/support/order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static Meeting both_hold_one;
static int ends[2];

static void* Serve(void* unused) {
  struct pollfd entry = {.fd = ends[0], .events = POLLIN};
  poll(&entry, 1, -1);
  return NULL;
}

static void* First(void* unused) {
  pthread_mutex_lock(&a);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&b);  // want deadlock.cycle x1: .
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return NULL;
}

static void* Second(void* unused) {
  pthread_mutex_lock(&b);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&a);  // want deadlock.cycle x1: .
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t server, first, second;
  if (pipe(ends) != 0) return 1;
  pthread_create(&server, NULL, Serve, NULL);
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  pthread_join(first, NULL);  // behind deadlock.cycle x1: \[pthread_join\]
  pthread_join(second, NULL);
  pthread_join(server, NULL);
  return 0;
}
