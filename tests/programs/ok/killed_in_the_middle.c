// SPDX-License-Identifier: Apache-2.0
// killed_in_the_middle.c: children are killed at any moment while their threads lock, wait and end: whatever
// state they leave behind, it is no finding.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/order.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn = 0;
static Gate* alive;  // in memory that the children share

static void* Play(void* me) {
  for (;;) {
    pthread_mutex_lock(&mutex);
    turn = !turn;
    pthread_cond_signal(&changed);
    while (turn != (me != NULL)) pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void* Nothing(void* unused) { return NULL; }

static void BeChild(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, Play, &mutex);
  pthread_create(&thread, NULL, Play, NULL);
  GateOpen(alive);
  for (;;) {
    pthread_create(&thread, NULL, Nothing, NULL);
    pthread_join(thread, NULL);
  }
}

int main(void) {
  int killed = 0;
  alive = mmap(NULL, sizeof(*alive), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 10; ++i) {
    int status = 0;
    alive->open = 0;
    pid_t child = fork();
    if (child == 0) BeChild();
    GateAwait(alive);
    for (int yields = 0; yields < 40 * (i + 1); ++yields) OrderYield();
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    killed += WIFSIGNALED(status);
  }
  printf("%d\n", killed);
  return 0;
}
