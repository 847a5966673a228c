// SPDX-License-Identifier: Apache-2.0
// thread_create_fails.c: a thread that could not be created is no thread: no task is left, the error is handed
// on.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static void* Work(void* unused) { return NULL; }

int main(void) {
  pthread_t worker;
  pthread_attr_t huge;
  pthread_attr_init(&huge);
  pthread_attr_setstacksize(&huge, (size_t)1 << 46);
  printf("%d\n", pthread_create(&worker, &huge, Work, NULL) == EAGAIN);
  pthread_attr_destroy(&huge);
  pthread_create(&worker, NULL, Work, NULL);
  return pthread_join(worker, NULL);
}
