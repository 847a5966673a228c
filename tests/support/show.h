/* SPDX-License-Identifier: Apache-2.0
 * show.h: prints what calls answer, for programs whose output must be the same with and without stray.
 *
 * SHOW(call) prints the call as it is written, its result and errno, which is 77 before. For results that
 * differ from run to run (descriptors, process ids) there is SHOW_SIGN.
 *
 * ShowTwice runs a function in the main thread and in another one, since the agent may know them in different
 * ways. */
#ifndef STRAY_TESTS_SUPPORT_SHOW_H_
#define STRAY_TESTS_SUPPORT_SHOW_H_

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#define SHOW(call) Show(#call, (errno = 77, (long)(call)))
#define SHOW_SIGN(call) ShowSign(#call, (errno = 77, (long)(call)))

__attribute__((unused)) static void Show(const char* call, long result) {
  int error = errno;
  printf("%s = %ld, errno %d\n", call, result, error);
}

__attribute__((unused)) static long ShowSign(const char* call, long result) {
  int error = errno;
  printf("%s %s, errno %d\n", call, result > 0 ? "> 0" : result == 0 ? "== 0" : "< 0", error);
  return result;
}

static void IgnoreAlarm(int signal) {}

/* From now on the calling thread is interrupted every millisecond, so that a call that waits ends with EINTR;
 * no other thread may have SIGALRM unblocked. */
__attribute__((unused)) static void StartInterrupting(void) {
  struct sigaction action = {.sa_handler = IgnoreAlarm}; /* no SA_RESTART */
  struct itimerval every = {{0, 1000}, {0, 1000}};
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  sigaction(SIGALRM, &action, NULL);
  pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
  setitimer(ITIMER_REAL, &every, NULL);
}

__attribute__((unused)) static void StopInterrupting(void) {
  struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
}

static void* ShowInThread(void* show) {
  ((void (*)(void))show)();
  return NULL;
}

__attribute__((unused)) static void ShowTwice(void (*show)(void)) {
  pthread_t thread;
  sigset_t alarm;
  setlinebuf(stdout); /* what a crash or hang leaves of it ends at the call */
  show();
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &alarm, NULL);
  pthread_create(&thread, NULL, ShowInThread, (void*)show);
  pthread_join(thread, NULL);
  pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
}

#endif /* STRAY_TESTS_SUPPORT_SHOW_H_ */
