// SPDX-License-Identifier: Apache-2.0
// deadlock_two_of_50.c: an AB-BA deadlock of two among fifty threads; the others idle in condition waits.
//
//   main                  48 idlers          first, second
//   create all            wait for work      lock a, b; lock b, a
//   join first            .                  each waits for the other
//
// hangs: yes
// twin: deadlock_abba.cc
#include <pthread.h>

#include "tests/support/order.h"

enum { kIdlers = 48 };

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Meeting both_hold_one;

static void* Idle(void* unused) {
  pthread_mutex_lock(&mutex);
  while (!ready) pthread_cond_wait(&work, &mutex);  // want deadlock.all: .
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void* First(void* unused) {
  pthread_mutex_lock(&a);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&b);  // want deadlock.cycle x1: [Tt]wo threads
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return NULL;
}

static void* Second(void* unused) {
  pthread_mutex_lock(&b);
  Meet(&both_hold_one, 2);
  pthread_mutex_lock(&a);  // want deadlock.cycle x1: [Tt]wo threads
  pthread_mutex_unlock(&a);
  pthread_mutex_unlock(&b);
  return NULL;
}

int main(void) {
  pthread_t idler, first, second;
  for (int i = 0; i < kIdlers; ++i) {
    pthread_create(&idler, NULL, Idle, NULL);
    pthread_detach(idler);
  }
  pthread_create(&first, NULL, First, NULL);
  pthread_create(&second, NULL, Second, NULL);
  pthread_join(first, NULL);  // want deadlock.all: \[pthread_join\]
  pthread_join(second, NULL);
  return 0;
}
