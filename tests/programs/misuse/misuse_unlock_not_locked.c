// SPDX-License-Identifier: Apache-2.0
// misuse_unlock_not_locked.c: a mutex is unlocked twice. The default kind of mutex does not notice.
//
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

int main(void) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  pthread_mutex_unlock(&mutex);  // want sync.misuse x1: unlocked.*nobody held
  return 0;
}
