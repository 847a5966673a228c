// SPDX-License-Identifier: Apache-2.0
// process_shared.c: parent and child play ping-pong with a process-shared mutex and condition, then a
// semaphore. Each waits for the other, and each can be woken by the other: no deadlock of everything.
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct Shared {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  sem_t over;
  int turn;
};

static void Play(struct Shared* table, int me) {
  for (int i = 0; i < 50; ++i) {
    pthread_mutex_lock(&table->mutex);
    while (table->turn != me) pthread_cond_wait(&table->changed, &table->mutex);
    table->turn = 1 - me;
    pthread_cond_signal(&table->changed);
    pthread_mutex_unlock(&table->mutex);
  }
}

int main(void) {
  struct Shared* table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t mutex_attributes;
  pthread_condattr_t cond_attributes;
  int status = 1;
  pthread_mutexattr_init(&mutex_attributes);
  pthread_mutexattr_setpshared(&mutex_attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&table->mutex, &mutex_attributes);
  pthread_condattr_init(&cond_attributes);
  pthread_condattr_setpshared(&cond_attributes, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&table->changed, &cond_attributes);
  sem_init(&table->over, 1, 0);
  pid_t child = fork();
  if (child == 0) {
    Play(table, 1);
    usleep(700 * 1000);  // longer than stray's grace: all that the parent does meanwhile is wait
    sem_post(&table->over);
    _exit(0);
  }
  Play(table, 0);
  sem_wait(&table->over);
  waitpid(child, &status, 0);
  return status;
}
