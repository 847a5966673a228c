// SPDX-License-Identifier: Apache-2.0
// misuse_sem_overflow.c: a semaphore at its largest value is posted once more.
#include <limits.h>
#include <semaphore.h>

int main(void) {
  sem_t semaphore;
  sem_init(&semaphore, 0, SEM_VALUE_MAX);
  sem_post(&semaphore);  // want sync.misuse x1: beyond its largest value
  return sem_destroy(&semaphore);
}
