// SPDX-License-Identifier: Apache-2.0
// misuse_sem_invalid.c: a semaphore is initialized with a value beyond its range.
#include <limits.h>
#include <semaphore.h>

int main(void) {
  sem_t semaphore;
  sem_init(&semaphore, 0, (unsigned)SEM_VALUE_MAX + 1);  // want sync.misuse x1: invalid value
  return 0;
}
