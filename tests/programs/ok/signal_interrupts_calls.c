// SPDX-License-Identifier: Apache-2.0
// signal_interrupts_calls.c: calls that a signal interrupts fail with EINTR under stray where they do without
// it, and go on where they are restarted.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/order.h"

static sem_t never;
static int ends[2];
static Sleeper asleep[4];

static void Ignore(int number) { (void)number; }

static void* BeInterrupted(void* unused) {
  struct pollfd entry = {.fd = ends[0], .events = POLLIN};
  struct timespec long_time = {.tv_sec = 1000};
  char byte = 0;
  AboutToSleep(&asleep[0]);
  int by_poll = poll(&entry, 1, -1) == -1 && errno == EINTR;
  AboutToSleep(&asleep[1]);
  int by_sleep = nanosleep(&long_time, &long_time) == -1 && errno == EINTR;
  AboutToSleep(&asleep[2]);
  int by_semaphore = sem_wait(&never) == 0;  // posted after a signal that restarts it
  AboutToSleep(&asleep[3]);
  int by_read = read(ends[0], &byte, 1) == 1 && byte == 'x';  // written after a signal that restarts it
  printf("%d %d %d %d\n", by_poll, by_sleep, by_semaphore, by_read);
  return NULL;
}

int main(void) {
  static const long kCalls[] = {SYS_poll, SYS_clock_nanosleep, SYS_futex, SYS_read};
  pthread_t thread;
  struct sigaction action = {.sa_handler = Ignore, .sa_flags = SA_RESTART};
  sem_init(&never, 0, 0);
  sigaction(SIGUSR1, &action, NULL);
  if (pipe(ends) != 0) return 1;
  pthread_create(&thread, NULL, BeInterrupted, NULL);
  for (int i = 0; i < 4; ++i) {
    AwaitAsleepIn(&asleep[i], kCalls[i]);
    pthread_kill(thread, SIGUSR1);
    if (i == 2) sem_post(&never);
  }
  if (write(ends[1], "x", 1) != 1) return 1;
  return pthread_join(thread, NULL);
}
