// SPDX-License-Identifier: Apache-2.0
// deadlock_once_recursive.c: an initializer calls pthread_once for what it is about to initialize.
//
// hangs: yes
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static int initialized = 0;

static void Initialize(void) {
  pthread_once(&once, Initialize);  // want deadlock.self x1: asked for itself
  initialized = 1;
}

int main(void) {
  pthread_once(&once, Initialize);
  return initialized - 1;
}
