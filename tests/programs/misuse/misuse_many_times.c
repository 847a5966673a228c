// SPDX-License-Identifier: Apache-2.0
// misuse_many_times.c: the same fault at the same place, ten times, is one finding with a count.
//
// twin: misuse_unlock_not_locked.c
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int times = 0;

__attribute__((noinline)) static void GiveBack(void) {
  pthread_mutex_unlock(&mutex);  // want sync.misuse x10: unlocked.*nobody held
  ++times;
}

int main(void) {
  for (int i = 0; i < 10; ++i) GiveBack();
  return times - 10;
}
