// SPDX-License-Identifier: Apache-2.0
// exit_settles_work_left.c: a detached thread still has 50 ms of work when main returns; it ends in time.
//
// flags: --settle 10s
#include <pthread.h>
#include <unistd.h>

static void* Work(void* unused) {
  usleep(50 * 1000);
  return NULL;
}

int main(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_detach(worker);
  return 0;
}
