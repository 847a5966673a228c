// SPDX-License-Identifier: Apache-2.0
// misuse_spin_unlock.c: a spin lock is unlocked that nobody holds.
//
// twin: deadlock_self_spin.c
#include <pthread.h>

int main(void) {
  pthread_spinlock_t spin;
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_unlock(&spin);  // want sync.misuse x1: spin lock was unlocked
  return 0;
}
