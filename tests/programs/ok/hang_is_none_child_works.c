// SPDX-License-Identifier: Apache-2.0
// hang_is_none_child_works.c: all threads wait for longer than stray's grace, one of them for input from a
// child.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready = 0;
static int ends[2];

static void* Read(void* unused) {
  char byte;
  if (read(ends[0], &byte, 1) == 1) puts("read");
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

int main(void) {
  pthread_t reader;
  if (pipe(ends) != 0) return 1;
  pid_t child = fork();
  if (child == 0) {
    usleep(900 * 1000);
    _exit(write(ends[1], "x", 1) != 1);
  }
  pthread_create(&reader, NULL, Read, NULL);
  pthread_mutex_lock(&mutex);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  pthread_join(reader, NULL);
  return waitpid(child, NULL, 0) == child ? 0 : 1;
}
