// SPDX-License-Identifier: Apache-2.0
// deadlock_self_in_handler.c: a signal handler locks a mutex that the interrupted code holds.
//
//   main                  main's handler
//   lock                  .
//   raise SIGUSR1         lock           waits for what it interrupted
//
// hangs: yes
#include <pthread.h>
#include <signal.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int signals;

static void Count(int number) {
  pthread_mutex_lock(&mutex);  // want deadlock.self x1: itself
  signals += number != 0;
  pthread_mutex_unlock(&mutex);
}

int main(void) {
  signal(SIGUSR1, Count);
  pthread_mutex_lock(&mutex);
  raise(SIGUSR1);
  pthread_mutex_unlock(&mutex);
  return signals - 1;
}
