// SPDX-License-Identifier: Apache-2.0
// misuse_use_destroyed.c: a mutex is locked after it was destroyed: the call fails, and the program does not
// look.
//
// twin: misuse_destroy_locked.c
#include <pthread.h>

int main(void) {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, NULL);
  pthread_mutex_destroy(&mutex);
  pthread_mutex_lock(&mutex);  // want sync.misuse x1: after it had been destroyed
  return 0;
}
