// SPDX-License-Identifier: Apache-2.0
// hang_is_none_timer_thread.c: the only task waits, longer than stray's grace, for what a timer will do in a
// thread that glibc makes for it then. No task could wake main now; the timer will.
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static sem_t fired;

static void Fire(union sigval value) { sem_post(value.sival_ptr); }

int main(void) {
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = &fired};
  struct itimerspec later = {.it_value = {.tv_nsec = 900 * 1000 * 1000}};
  event.sigev_notify_function = Fire;
  sem_init(&fired, 0, 0);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return 1;
  timer_settime(timer, 0, &later, NULL);
  sem_wait(&fired);
  puts("fired");
  return timer_delete(timer);
}
