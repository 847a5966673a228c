// SPDX-License-Identifier: Apache-2.0
// misuse_robust_shared.c: a robust mutex in shared memory, whose owner is a child that is killed.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int status = 0;
  pthread_mutexattr_t robust;
  pthread_mutex_t* mutex =
      mmap(NULL, sizeof(*mutex), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_init(&robust);
  pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(mutex, &robust);
  pthread_mutexattr_destroy(&robust);
  pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(mutex);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, &status, 0);
  printf("%d %d\n", WIFSIGNALED(status), pthread_mutex_lock(mutex) == EOWNERDEAD);
  pthread_mutex_consistent(mutex);
  return pthread_mutex_unlock(mutex);
}
