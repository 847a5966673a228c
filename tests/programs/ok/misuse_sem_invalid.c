// SPDX-License-Identifier: Apache-2.0
// misuse_sem_invalid.c: a named semaphore is opened twice, used and closed.
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  char name[64];
  snprintf(name, sizeof(name), "/stray-test-%d", (int)getpid());
  sem_t* first = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
  if (first == SEM_FAILED) return 1;
  sem_t* second = sem_open(name, 0);
  sem_unlink(name);
  sem_post(first);
  sem_wait(second);
  sem_close(second);
  return sem_close(first);
}
