// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_c11.c: the same as deadlock_abba.cc with the threads of C11.
//
// hangs: yes
#include <threads.h>

#include "tests/support/order.h"

static mtx_t a, b;
static Meeting both_hold_one;

static int First(void* unused) {
  mtx_lock(&a);
  Meet(&both_hold_one, 2);
  mtx_lock(&b);  // want deadlock.cycle x1: \[mtx_lock\].*\[mtx_lock\]
  mtx_unlock(&b);
  mtx_unlock(&a);
  return 0;
}

static int Second(void* unused) {
  mtx_lock(&b);
  Meet(&both_hold_one, 2);
  mtx_lock(&a);  // want deadlock.cycle x1: \[mtx_lock\].*\[mtx_lock\]
  mtx_unlock(&a);
  mtx_unlock(&b);
  return 0;
}

int main(void) {
  thrd_t first, second;
  mtx_init(&a, mtx_plain);
  mtx_init(&b, mtx_plain);
  thrd_create(&first, First, NULL);
  thrd_create(&second, Second, NULL);
  thrd_join(first, NULL);  // want deadlock.all: \[thrd_join\]
  thrd_join(second, NULL);
  return 0;
}
