// SPDX-License-Identifier: Apache-2.0
// hang_is_none_spinning.c: main spins for a lock whose holder sleeps longer than stray's grace: no deadlock,
// the holder comes back.
//
//   main         worker
//   .            lock
//   lock         sleep        spins
//   .            unlock
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/order.h"

static pthread_spinlock_t spin;
static Gate locked;

static void* HoldAndSleep(void* unused) {
  pthread_spin_lock(&spin);
  GateOpen(&locked);
  usleep(900 * 1000);
  pthread_spin_unlock(&spin);
  return NULL;
}

int main(void) {
  pthread_t holder;
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_create(&holder, NULL, HoldAndSleep, NULL);
  GateAwait(&locked);
  pthread_spin_lock(&spin);
  pthread_spin_unlock(&spin);
  pthread_join(holder, NULL);
  puts("done");
  return 0;
}
