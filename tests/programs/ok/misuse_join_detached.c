// SPDX-License-Identifier: Apache-2.0
// misuse_join_detached.c: a thread is either detached or joined.
#include <pthread.h>

#include "tests/support/order.h"

static Sleeper alive[2];

static void* Work(void* sleeper) {
  AboutToSleep(sleeper);
  return NULL;
}

int main(void) {
  pthread_t detached, joined;
  pthread_create(&detached, NULL, Work, &alive[0]);
  pthread_detach(detached);
  pthread_create(&joined, NULL, Work, &alive[1]);
  pthread_join(joined, NULL);
  AwaitEnd(&alive[0]);
  return 0;
}
