// SPDX-License-Identifier: Apache-2.0
// deadlock_self.c: main locks a mutex that it holds already. Nobody else is there.
//
// hangs: yes
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((noinline)) static int AddLocked(int a, int b) {
  pthread_mutex_lock(&mutex);  // want deadlock.self x1: [Mm]ain waits for mutex mutex, which it has
  int sum = a + b;
  pthread_mutex_unlock(&mutex);
  return sum;
}

int main(void) {
  pthread_mutex_lock(&mutex);  // want deadlock.self x1: [Mm]ain waits for mutex mutex, which it has
  int sum = AddLocked(1, 2);
  pthread_mutex_unlock(&mutex);
  return sum - 3;
}
