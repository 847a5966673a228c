// SPDX-License-Identifier: Apache-2.0
// misuse_destroy_waited_barrier.c: whoever is the last at a barrier may destroy it, even before the others are
// back.
#include <pthread.h>

static void* Visit(void* barrier) {
  pthread_barrier_wait(barrier);
  return NULL;
}

int main(void) {
  for (int i = 0; i < 50; ++i) {
    pthread_t other;
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&other, NULL, Visit, &barrier);
    pthread_barrier_wait(&barrier);
    pthread_barrier_destroy(&barrier);
    pthread_join(other, NULL);
  }
  return 0;
}
