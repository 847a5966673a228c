// SPDX-License-Identifier: Apache-2.0
// deadlock_once_recursive.c: each initializer runs once, a second call later does nothing.
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int times;

static void Initialize(void) { ++times; }

int main(void) {
  pthread_once(&once, Initialize);
  pthread_once(&once, Initialize);
  return times - 1;
}
