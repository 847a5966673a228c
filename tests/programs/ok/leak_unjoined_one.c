// SPDX-License-Identifier: Apache-2.0
// leak_unjoined_one.c: a thread that finished is joined later, one is detached after its end.
#include <pthread.h>

#include "tests/support/order.h"

static Sleeper alive[2];

static void* Work(void* sleeper) {
  AboutToSleep(sleeper);
  return NULL;
}

int main(void) {
  pthread_t workers[2];
  for (int i = 0; i < 2; ++i) pthread_create(&workers[i], NULL, Work, &alive[i]);
  for (int i = 0; i < 2; ++i) AwaitEnd(&alive[i]);
  pthread_join(workers[0], NULL);
  pthread_detach(workers[1]);
  return 0;
}
