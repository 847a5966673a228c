// SPDX-License-Identifier: Apache-2.0
// leak_sleeping.c: the sleeper is woken by a signal, sees that it should end, and is joined.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/support/order.h"

static Sleeper sleeper_asleep;

static void Ignore(int number) { (void)number; }

static void* Sleep(void* unused) {
  AboutToSleep(&sleeper_asleep);
  printf("left %d\n", sleep(1000) > 900);
  return NULL;
}

int main(void) {
  pthread_t sleeper;
  struct sigaction action = {.sa_handler = Ignore};
  sigaction(SIGUSR1, &action, NULL);
  pthread_create(&sleeper, NULL, Sleep, NULL);
  AwaitAsleepIn(&sleeper_asleep, SYS_clock_nanosleep);
  pthread_kill(sleeper, SIGUSR1);
  pthread_join(sleeper, NULL);
  return 0;
}
