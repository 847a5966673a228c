// SPDX-License-Identifier: Apache-2.0
// exit_thread_made_by_handler.c: an atexit handler creates threads and joins them, a destructor too.
#include <pthread.h>
#include <stdlib.h>

static void* Work(void* unused) { return NULL; }

static void UseThreads(void) {
  pthread_t workers[4];
  for (int i = 0; i < 4; ++i) pthread_create(&workers[i], NULL, Work, NULL);
  for (int i = 0; i < 4; ++i) pthread_join(workers[i], NULL);
}

__attribute__((destructor)) static void AtTheVeryEnd(void) { UseThreads(); }

int main(void) {
  atexit(UseThreads);
  return 0;
}
