// SPDX-License-Identifier: Apache-2.0
// leak_interrupted_wait.c: a signal handler that waits itself comes between any two instructions of calls that
// wait, from before they block until after they were woken.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/support/order.h"

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static int done;
static Sleeper asleep[3];

static void WaitAMoment(int signal) {
  struct timespec moment = {0, 1};
  nanosleep(&moment, NULL);
}

static inline void Step(int on) {
#if defined(__x86_64__)
  // The trap flag; the red zone below the stack pointer is left alone.
  __asm__ volatile(
      "lea -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); orq %0, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::
          "r"(on ? 0x100L : 0L)
      : "memory", "cc");
#endif
}

static void* LockMutex(void* unused) {
  AboutToSleep(&asleep[0]);
  Step(1);
  pthread_mutex_lock(&held);
  pthread_mutex_unlock(&held);
  Step(0);
  return unused;
}

static void* WaitForCondition(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&asleep[1]);
  Step(1);
  while (!done) pthread_cond_wait(&condition, &mutex);
  Step(0);
  pthread_mutex_unlock(&mutex);
  return unused;
}

static void* WaitForSemaphore(void* unused) {
  AboutToSleep(&asleep[2]);
  Step(1);
  sem_wait(&semaphore);
  Step(0);
  return unused;
}

int main(void) {
  pthread_t workers[3];
  prctl(PR_SET_TIMERSLACK, 1);  // a moment is microseconds then
  signal(SIGTRAP, WaitAMoment);
  sem_init(&semaphore, 0, 0);
  pthread_mutex_lock(&held);
  pthread_create(&workers[0], NULL, LockMutex, NULL);
  pthread_create(&workers[1], NULL, WaitForCondition, NULL);
  pthread_create(&workers[2], NULL, WaitForSemaphore, NULL);
  for (int i = 0; i < 3; ++i) AwaitAsleep(&asleep[i]);
  pthread_mutex_unlock(&held);
  pthread_mutex_lock(&mutex);
  done = 1;
  pthread_cond_signal(&condition);
  pthread_mutex_unlock(&mutex);
  sem_post(&semaphore);
  for (int i = 0; i < 3; ++i) pthread_join(workers[i], NULL);
  return 0;
}
