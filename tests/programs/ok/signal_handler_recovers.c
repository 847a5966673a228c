// SPDX-License-Identifier: Apache-2.0
// signal_handler_recovers.c: a program that catches SIGSEGV, SIGABRT and SIGFPE itself, on a stack of its own,
// and goes on: stray must not take them for the end.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigjmp_buf recover;
static volatile int signals[3];

static void Recover(int number) { siglongjmp(recover, number); }

static void Fail(int which) {
  if (which == 0) *(volatile int*)NULL = 1;
  if (which == 1) abort();
  if (which == 2) raise(SIGFPE);
}

static void* FailInEveryWay(void* unused) {
  stack_t own = {.ss_sp = malloc(64 * 1024), .ss_size = 64 * 1024};
  sigaltstack(&own, NULL);
  for (volatile int which = 0; which < 3; ++which) {
    int number = sigsetjmp(recover, 1);
    if (number == 0) Fail(which);
    signals[which] = number;
  }
  stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, NULL);
  free(own.ss_sp);
  return NULL;
}

int main(void) {
  pthread_t thread;
  struct sigaction action = {.sa_handler = Recover, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGABRT, &action, NULL);
  sigaction(SIGFPE, &action, NULL);
  pthread_create(&thread, NULL, FailInEveryWay, NULL);
  pthread_join(thread, NULL);
  printf("%d %d %d\n", signals[0], signals[1], signals[2]);
  return 0;
}
