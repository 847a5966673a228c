// SPDX-License-Identifier: Apache-2.0
// misuse_error_check.c: an error-checking mutex is asked, and answers: EDEADLK, EPERM. The program wanted to
// know.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static Gate locked, tried;

static void* Lock(void* unused) {
  pthread_mutex_lock(&mutex);
  printf("%d\n", pthread_mutex_lock(&mutex) == EDEADLK);
  GateOpen(&locked);
  GateAwait(&tried);
  pthread_mutex_unlock(&mutex);
  printf("%d\n", pthread_mutex_unlock(&mutex) == EPERM);
  return NULL;
}

int main(void) {
  pthread_t locker;
  pthread_create(&locker, NULL, Lock, NULL);
  GateAwait(&locked);
  int status = pthread_mutex_unlock(&mutex);
  GateOpen(&tried);
  pthread_join(locker, NULL);
  printf("%d\n", status == EPERM);
  return 0;
}
