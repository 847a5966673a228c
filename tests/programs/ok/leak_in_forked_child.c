// SPDX-License-Identifier: Apache-2.0
// leak_in_forked_child.c: parent and child each have a worker, and each joins its own.
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t work;

static void* Work(void* unused) {
  sem_wait(&work);
  return NULL;
}

static void UseWorker(void) {
  pthread_t worker;
  pthread_create(&worker, NULL, Work, NULL);
  sem_post(&work);
  pthread_join(worker, NULL);
}

int main(void) {
  int status = 1;
  sem_init(&work, 0, 0);
  UseWorker();
  pid_t child = fork();
  UseWorker();
  if (child == 0) return 0;
  waitpid(child, &status, 0);
  return status;
}
