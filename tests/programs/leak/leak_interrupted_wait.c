// SPDX-License-Identifier: Apache-2.0
// leak_interrupted_wait.c: threads block for ever while a signal handler that waits itself comes between any
// two instructions on their way. What the handler waited for must not be taken for what they wait for.
//
//   main                  each worker
//   create workers        .
//   .                     single steps on: SIGTRAP after each instruction, its handler sleeps for a moment
//   .                     wait           blocked: the call names object and reason, not nanosleep
//   return                .
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
static Sleeper asleep[3];

static void WaitAMoment(int signal) {
  struct timespec moment = {0, 1};
  nanosleep(&moment, NULL);
}

static inline void StepOn(void) {
#if defined(__x86_64__)
  // The trap flag; the red zone below the stack pointer is left alone.
  __asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::
                       : "memory", "cc");
#endif
}

static void* LockMutex(void* unused) {
  AboutToSleep(&asleep[0]);
  StepOn();
  pthread_mutex_lock(&held);  // want leak.blocked: blocked \[pthread_mutex_lock\]
  return unused;
}

static void* WaitForCondition(void* unused) {
  pthread_mutex_lock(&mutex);
  AboutToSleep(&asleep[1]);
  StepOn();
  pthread_cond_wait(&condition, &mutex);  // want leak.blocked: blocked \[pthread_cond_wait\]
  return unused;
}

static void* WaitForSemaphore(void* unused) {
  AboutToSleep(&asleep[2]);
  StepOn();
  sem_wait(&semaphore);  // want leak.blocked: blocked \[sem_wait\]
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
  return 0;
}
