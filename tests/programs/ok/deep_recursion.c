// SPDX-License-Identifier: Apache-2.0
// deep_recursion.c: a lock and a wait at the bottom of a recursion of a thousand frames, on a small stack.
#include <pthread.h>
#include <stdio.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static Sleeper digger_asleep;

__attribute__((noinline)) static int Dig(int depth) {
  volatile int below = 0;
  if (depth > 0) {
    below = Dig(depth - 1);
    return below + 1;
  }
  pthread_mutex_lock(&mutex);
  AboutToSleep(&digger_asleep);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  return 0;
}

static void* Start(void* unused) { return (void*)(long)Dig(1000); }

int main(void) {
  pthread_t digger;
  pthread_attr_t small;
  void* depth;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 192 * 1024);
  pthread_create(&digger, &small, Start, NULL);
  AwaitAsleep(&digger_asleep);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  pthread_join(digger, &depth);
  printf("%d\n", (int)(long)depth);
  return 0;
}
