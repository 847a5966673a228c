// SPDX-License-Identifier: Apache-2.0
// misuse_sem_overflow.c: semaphores at both ends of their range, waited for in every way. A wait that fails
// with EAGAIN or ETIMEDOUT is no misuse.
#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

int main(void) {
  sem_t semaphore;
  struct timespec past = {.tv_sec = 1};
  int value = 0;
  sem_init(&semaphore, 0, SEM_VALUE_MAX - 1);
  sem_post(&semaphore);
  sem_getvalue(&semaphore, &value);
  printf("%d\n", value == SEM_VALUE_MAX);
  sem_wait(&semaphore);
  sem_destroy(&semaphore);
  sem_init(&semaphore, 0, 0);
  printf("%d\n", sem_trywait(&semaphore) == -1 && errno == EAGAIN);
  printf("%d\n", sem_timedwait(&semaphore, &past) == -1 && errno == ETIMEDOUT);
  printf("%d\n", sem_clockwait(&semaphore, CLOCK_MONOTONIC, &past) == -1 && errno == ETIMEDOUT);
  return sem_destroy(&semaphore);
}
