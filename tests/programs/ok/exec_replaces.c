// SPDX-License-Identifier: Apache-2.0
// exec_replaces.c: a process uses threads, is replaced by another program in the same process, and again.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

int main(int argc, char** argv) {
  static const char* const kNext[] = {"1", "2", "3", NULL};
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  int stage = argc > 1 ? argv[1][0] - '0' : 0;
  if (kNext[stage] != NULL) execl("/proc/self/exe", argv[0], kNext[stage], NULL);
  printf("stage %d\n", stage);
  return 0;
}
