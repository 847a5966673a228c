// SPDX-License-Identifier: Apache-2.0
// lock_order_in_wrapper.cc: the same order in both threads.
//
//   first                                       second
//   a, b, a, b, ... alone, then a and b         .
//   .                                           the same, then a and b
#include <pthread.h>

#include "tests/support/puppet.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static volatile int work;

__attribute__((noinline)) static void Lock(pthread_mutex_t* mutex) {
  pthread_mutex_lock(mutex);
  work = work + 1;  // not the last thing here: a tail call would leave nothing to see
}

__attribute__((noinline)) static void Unlock(pthread_mutex_t* mutex) {
  pthread_mutex_unlock(mutex);
  work = work + 1;
}

__attribute__((noinline)) static void TakeAllOver(pthread_mutex_t* outer, pthread_mutex_t* inner) {
  for (int i = 0; i < 200; ++i) {
    Lock(outer);
    Unlock(outer);
    Lock(inner);
    Unlock(inner);
    Lock(i % 2 != 0 ? outer : inner);
    Unlock(i % 2 != 0 ? outer : inner);
  }
  Lock(outer);
  Lock(inner);
  Unlock(inner);
  Unlock(outer);
  for (int i = 0; i < 200; ++i) {
    Lock(inner);
    Unlock(inner);
  }
}

int main() {
  Puppet first("first"), second("second");
  first.Do([] { TakeAllOver(&a, &b); });
  second.Do([] { TakeAllOver(&a, &b); });
}
