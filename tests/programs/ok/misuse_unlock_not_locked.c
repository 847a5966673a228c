// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_not_locked.c: a recursive mutex is unlocked as often as it was locked.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

int main(void) {
  for (int i = 0; i < 3; ++i) pthread_mutex_lock(&mutex);
  for (int i = 0; i < 3; ++i) pthread_mutex_unlock(&mutex);
  return pthread_mutex_destroy(&mutex);
}
