// SPDX-License-Identifier: Apache-2.0
// lock_order_in_forked_wrapper.cc: locks are taken in a small function, first by the parent, then by a forked
// child in the same frames of the same stacks. The places and orders of the child are its own.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/puppet.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static volatile int work;

__attribute__((noinline)) static void Lock(pthread_mutex_t* mutex) {
  pthread_mutex_lock(mutex);
  work = work + 1;  // not the last thing here: a tail call would leave nothing to see
}

__attribute__((noinline)) static void TakeBoth(pthread_mutex_t* outer, pthread_mutex_t* inner) {
  for (int i = 0; i < 100; ++i) {
    Lock(outer);
    Lock(inner);  // want lock-order.cycle x1: .
    pthread_mutex_unlock(inner);
    pthread_mutex_unlock(outer);
  }
}

static void InTwoThreads(bool both_orders) {
  Puppet first("first"), second("second");
  first.Do([] { TakeBoth(&a, &b); });
  if (both_orders) {
    second.Do([] { TakeBoth(&b, &a); });
  } else {
    second.Do([] { TakeBoth(&a, &b); });
  }
}

int main() {
  InTwoThreads(false);
  if (fork() == 0) {
    InTwoThreads(true);
    _exit(0);
  }
  int status = 0;
  wait(&status);
  return status;
}
