// SPDX-License-Identifier: Apache-2.0
// deadlock_self_spin.c: main locks a spin lock that it holds already. It burns a processor, and never comes
// back.
//
// hangs: yes
// modes: gcc-O0 gcc-O2 static-tsan shared-tsan
#include <pthread.h>

static pthread_spinlock_t spin;

int main(void) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_lock(&spin);
  pthread_spin_lock(&spin);  // want deadlock.self x1: \[pthread_spin_lock\]
  pthread_spin_unlock(&spin);
  return 0;
}
