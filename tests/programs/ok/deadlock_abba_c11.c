// SPDX-License-Identifier: Apache-2.0
// deadlock_abba_c11.c: the same order in both threads, on a plain and a recursive mutex of C11.
#include <stdio.h>
#include <threads.h>

static mtx_t a, b;
static int count;

static int Work(void* unused) {
  for (int i = 0; i < 1000; ++i) {
    mtx_lock(&a);
    mtx_lock(&b);
    mtx_lock(&b);
    ++count;
    mtx_unlock(&b);
    mtx_unlock(&b);
    mtx_unlock(&a);
  }
  return 0;
}

int main(void) {
  thrd_t first, second;
  mtx_init(&a, mtx_plain);
  mtx_init(&b, mtx_plain | mtx_recursive);
  thrd_create(&first, Work, NULL);
  thrd_create(&second, Work, NULL);
  thrd_join(first, NULL);
  thrd_join(second, NULL);
  mtx_destroy(&b);
  mtx_destroy(&a);
  printf("%d\n", count);
  return 0;
}
