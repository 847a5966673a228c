// SPDX-License-Identifier: Apache-2.0
// limit_address_space.c: a program that starts itself again with little address space, and uses threads there.
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

int main(int argc, char** argv) {
  struct rlimit little = {.rlim_cur = 64 << 20, .rlim_max = 64 << 20};
  pthread_t worker;
  if (argc == 1) {
    setrlimit(RLIMIT_AS, &little);
    execl("/proc/self/exe", argv[0], "again", NULL);
    return 127;
  }
  int status = pthread_create(&worker, NULL, Work, NULL);
  if (status == 0) pthread_join(worker, NULL);
  printf("%d\n", status);
  return 0;
}
