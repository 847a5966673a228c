// SPDX-License-Identifier: Apache-2.0
// leak_unjoined_many.c: a loop that creates threads and forgets them: five of six.
//
//   main                  6 workers
//   create                return
//   join the last         .
//   return                five finished, and never joined
#include <pthread.h>

#include "tests/support/order.h"

enum { kWorkers = 6 };

static Sleeper alive[kWorkers];

static void* Work(void* sleeper) {
  AboutToSleep(sleeper);
  return NULL;
}

int main(void) {
  pthread_t worker;
  for (int i = 0; i < kWorkers; ++i) {
    pthread_create(&worker, NULL, Work, &alive[i]);  // want leak.unjoined x5: finished
  }
  pthread_join(worker, NULL);
  for (int i = 0; i < kWorkers; ++i) AwaitEnd(&alive[i]);
  return 0;
}
