// SPDX-License-Identifier: Apache-2.0
// deadlock_self_spin.c: spin locks taken, tried and given back in pairs by two threads.
#include <pthread.h>
#include <stdio.h>

static pthread_spinlock_t spin;
static int count;

static void* Work(void* unused) {
  for (int i = 0; i < 1000; ++i) {
    if (pthread_spin_trylock(&spin) != 0) pthread_spin_lock(&spin);
    ++count;
    pthread_spin_unlock(&spin);
  }
  return NULL;
}

int main(void) {
  pthread_t other;
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_create(&other, NULL, Work, NULL);
  Work(NULL);
  pthread_join(other, NULL);
  pthread_spin_destroy(&spin);
  printf("%d\n", count);
  return 0;
}
