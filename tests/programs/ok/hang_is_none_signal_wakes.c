// SPDX-License-Identifier: Apache-2.0
// hang_is_none_signal_wakes.c: all threads wait for longer than stray's grace for a semaphore that a signal
// handler posts: a program that catches signals can be woken by one.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static sem_t over;

static void Post(int number) { sem_post(&over); }

static void* Wait(void* unused) {
  while (sem_wait(&over) != 0) {
  }
  return NULL;
}

int main(void) {
  pthread_t waiter;
  struct sigaction action = {.sa_handler = Post};
  struct itimerval later = {.it_value = {.tv_usec = 900 * 1000}};
  sem_init(&over, 0, 0);
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &later, NULL);
  pthread_create(&waiter, NULL, Wait, NULL);
  pthread_join(waiter, NULL);
  puts("done");
  return 0;
}
