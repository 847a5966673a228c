// SPDX-License-Identifier: Apache-2.0
// deadlock_self.c: the mutex is recursive, so its holder may lock it again.
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static int AddLocked(int a, int b) {
  pthread_mutex_lock(&mutex);
  int sum = a + b;
  pthread_mutex_unlock(&mutex);
  return sum;
}

int main(void) {
  pthread_mutex_lock(&mutex);
  int sum = AddLocked(1, 2);
  pthread_mutex_unlock(&mutex);
  return sum - 3;
}
