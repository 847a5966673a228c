// SPDX-License-Identifier: Apache-2.0
// timer_thread.c: a timer with SIGEV_THREAD makes glibc keep a helper thread for the life of the process, made
// past pthread_create. That is glibc's business: no leak, and nothing is missing from the data.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static sem_t fired;

static void Fire(union sigval value) { sem_post(value.sival_ptr); }

int main(void) {
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = &fired};
  struct itimerspec soon = {.it_value = {.tv_nsec = 1000 * 1000}};
  event.sigev_notify_function = Fire;
  sem_init(&fired, 0, 0);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return 1;
  timer_settime(timer, 0, &soon, NULL);
  sem_wait(&fired);
  puts("fired");
  return timer_delete(timer);
}
