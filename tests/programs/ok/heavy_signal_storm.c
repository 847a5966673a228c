// SPDX-License-Identifier: Apache-2.0
// heavy_signal_storm.c: threads lock and wait while a timer interrupts them a thousand times a second.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t ticks;
static atomic_int over;
static long count = 0;

static void Tick(int number) { sem_post(&ticks); }

static void* Work(void* unused) {
  while (!over) {
    pthread_mutex_lock(&mutex);
    ++count;
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

int main(void) {
  pthread_t workers[3];
  struct sigaction action = {.sa_handler = Tick, .sa_flags = SA_RESTART};
  struct itimerval each_millisecond = {.it_interval = {.tv_usec = 1000}, .it_value = {.tv_usec = 1000}};
  sem_init(&ticks, 0, 0);
  sigaction(SIGALRM, &action, NULL);
  for (int i = 0; i < 3; ++i) pthread_create(&workers[i], NULL, Work, NULL);
  setitimer(ITIMER_REAL, &each_millisecond, NULL);
  for (int i = 0; i < 200; ++i) {
    while (sem_wait(&ticks) != 0) {
    }
  }
  over = 1;
  for (int i = 0; i < 3; ++i) pthread_join(workers[i], NULL);
  printf("%d\n", count > 0);
  return 0;
}
