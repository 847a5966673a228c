// SPDX-License-Identifier: Apache-2.0
// close_all_descriptors.c: a program that closes every descriptor it does not know, as daemons do.
#include <pthread.h>
#include <unistd.h>

static void* Work(void* unused) { return NULL; }

int main(void) {
  pthread_t worker;
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, NULL);
  return write(STDOUT_FILENO, "done\n", 5) == 5 ? 0 : 1;
}
