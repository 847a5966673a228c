// SPDX-License-Identifier: Apache-2.0
// sleeper.c: sleeps in every call that a signal ends although its handler has SA_RESTART. The test sends it the
// agent's signal meanwhile; it must not feel it.
//
//   sleeper rest     each call has to last as long as it was told to
//   sleeper alarms   each call has to be ended by a signal of the program
//   sleeper looks    calls with a timeout of 0, over and over: none may be ended by a signal
//
// Prints a line for each call that did something else; ends with 0 if there is none.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { kLengthMs = 100, kNs = 1000000 };

static const struct timespec length = {0, kLengthMs* kNs};
static sigset_t mask;  // of the program while a call that takes one blocks
static sem_t semaphore;
static int sockets[2], epoll, semaphores;
static unsigned seconds = 1;

static struct timespec Now(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now;
}

static struct timespec Deadline(clockid_t clock) {
  struct timespec time = Now(clock);
  time.tv_nsec += length.tv_nsec;
  time.tv_sec += time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

// Each returns the error number of the call, 0 if it lasted its time.
static int Error(int result) { return result < 0 ? errno : 0; }
static int Nanosleep(void) { return Error(nanosleep(&length, NULL)); }
static int NanosleepSame(void) {
  struct timespec left = length;
  return Error(nanosleep(&left, &left));
}
static int ClockNanosleep(void) { return clock_nanosleep(CLOCK_MONOTONIC, 0, &length, NULL); }
static int ClockNanosleepUntil(void) {
  const struct timespec deadline = Deadline(CLOCK_REALTIME);
  return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &deadline, NULL);
}
static int Usleep(void) { return Error(usleep(kLengthMs * 1000)); }
static int Sleep(void) { return sleep(seconds) == 0 ? 0 : EINTR; }
static int ThrdSleep(void) { return thrd_sleep(&length, NULL) == 0 ? 0 : EINTR; }
static int Poll(void) { return Error(poll(NULL, 0, kLengthMs)); }
static int Ppoll(void) { return Error(ppoll(NULL, 0, &length, &mask)); }
static int Select(void) {
  struct timeval timeout = {0, kLengthMs * 1000};
  return Error(select(0, NULL, NULL, NULL, &timeout));
}
static int Pselect(void) { return Error(pselect(0, NULL, NULL, NULL, &length, NULL)); }
static int EpollWait(void) {
  struct epoll_event event;
  return Error(epoll_wait(epoll, &event, 1, kLengthMs));
}
static int EpollPwait(void) {
  struct epoll_event event;
  return Error(epoll_pwait(epoll, &event, 1, kLengthMs, &mask));
}
static int SemTimedwait(void) {
  const struct timespec deadline = Deadline(CLOCK_REALTIME);
  const int error = Error(sem_timedwait(&semaphore, &deadline));
  return error == ETIMEDOUT ? 0 : error;
}
static int SigTimedwait(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  const int error = Error(sigtimedwait(&set, NULL, &length));
  return error == EAGAIN ? 0 : error;
}
static int Semtimedop(void) {
  struct sembuf take = {0, -1, 0};
  const int error = Error(semtimedop(semaphores, &take, 1, &length));
  return error == EAGAIN ? 0 : error;
}
static int RecvWithTimeout(void) {
  char byte;
  const int error = Error((int)recv(sockets[0], &byte, 1, 0));
  return error == EAGAIN ? 0 : error;
}
static int Pause(void) { return Error(pause()); }
static int Sigsuspend(void) { return Error(sigsuspend(&mask)); }

static const struct {
  const char* name;
  int (*call)(void);
  int endless;
} calls[] = {
    {"nanosleep", Nanosleep, 0},
    {"nanosleep, same argument", NanosleepSame, 0},
    {"clock_nanosleep", ClockNanosleep, 0},
    {"clock_nanosleep until", ClockNanosleepUntil, 0},
    {"usleep", Usleep, 0},
    {"sleep", Sleep, 0},
    {"thrd_sleep", ThrdSleep, 0},
    {"poll", Poll, 0},
    {"ppoll", Ppoll, 0},
    {"select", Select, 0},
    {"pselect", Pselect, 0},
    {"epoll_wait", EpollWait, 0},
    {"epoll_pwait", EpollPwait, 0},
    {"sem_timedwait", SemTimedwait, 0},
    {"sigtimedwait", SigTimedwait, 0},
    {"semtimedop", Semtimedop, 0},
    {"recv with a timeout", RecvWithTimeout, 0},
    {"pause", Pause, 1},
    {"sigsuspend", Sigsuspend, 1},
};

static double Elapsed(struct timespec start) {
  const struct timespec now = Now(CLOCK_MONOTONIC);
  return (double)(now.tv_sec - start.tv_sec) * 1e3 + (double)(now.tv_nsec - start.tv_nsec) / 1e6;
}

static int Rest(void) {
  int bad = 0;
  for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
    if (calls[i].endless) continue;
    const struct timespec start = Now(CLOCK_MONOTONIC);
    const int error = calls[i].call();
    const double ms = Elapsed(start);
    if (error == 0 && ms >= kLengthMs - 0.5) continue;
    printf("%s: %s after %.3f ms\n", calls[i].name, strerror(error), ms);
    bad = 1;
  }
  return bad;
}

static const struct timespec no_time;
static int LookPoll(void) { return Error(poll(NULL, 0, 0)); }
static int LookPpoll(void) { return Error(ppoll(NULL, 0, &no_time, &mask)); }
static int LookSelect(void) {
  struct timeval timeout = {0, 0};
  return Error(select(0, NULL, NULL, NULL, &timeout));
}
static int LookPselect(void) { return Error(pselect(0, NULL, NULL, NULL, &no_time, NULL)); }
static int LookEpollWait(void) {
  struct epoll_event event;
  return Error(epoll_wait(epoll, &event, 1, 0));
}
static int LookEpollPwait(void) {
  struct epoll_event event;
  return Error(epoll_pwait(epoll, &event, 1, 0, &mask));
}

static int Looks(void) {
  static const struct {
    const char* name;
    int (*call)(void);
  } looks[] = {{"poll", LookPoll},       {"ppoll", LookPpoll},          {"select", LookSelect},
               {"pselect", LookPselect}, {"epoll_wait", LookEpollWait}, {"epoll_pwait", LookEpollPwait}};
  for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); ++i) {
    for (const struct timespec start = Now(CLOCK_MONOTONIC); Elapsed(start) < 5 * kLengthMs;) {
      const int error = looks[i].call();
      if (error == 0) continue;
      printf("%s with a timeout of 0: %s\n", looks[i].name, strerror(error));
      return 1;
    }
  }
  return 0;
}

static volatile sig_atomic_t alarms, early_alarms;
static struct timespec alarms_start;
static double length_ms;
static void OnAlarm(int signal) {
  (void)signal;
  ++alarms;
  if (Elapsed(alarms_start) < length_ms) ++early_alarms;
}

// A call may last its time if the first alarm came too late: on a busy machine the process may stand still from
// before an alarm until its time is over, and then the kernel says that the time is over (do_nanosleep() looks
// at its timer before it looks at signals). One more alarm may have come before the call had begun.
static int IsLate(int error) { return error == 0 && early_alarms <= 1; }

static int Alarms(void) {
  // Again and again, so that one that comes before the call has begun is followed by another.
  const struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
  const struct sigaction action = {.sa_handler = OnAlarm};
  int bad = 0;
  seconds = 3;  // sleep() drops the fraction of what was left
  sigaction(SIGALRM, &action, NULL);
  for (int round = 0; round < 50; ++round) {
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
      alarms = early_alarms = 0;
      length_ms = calls[i].call == Sleep ? seconds * 1e3 : kLengthMs;
      alarms_start = Now(CLOCK_MONOTONIC);
      setitimer(ITIMER_REAL, &often, NULL);
      const int error = calls[i].call();
      const double ms = Elapsed(alarms_start);
      setitimer(ITIMER_REAL, &never, NULL);
      if (alarms > 0 && (error == EINTR || IsLate(error))) continue;
      printf("%s: %s after %.3f ms and %d alarms\n", calls[i].name, strerror(error), ms, (int)alarms);
      bad = 1;
    }
  }
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  for (int signal = 1; signal < 64; ++signal) {
    if (sigismember(&now, signal) != 1) continue;
    printf("signal %d is blocked\n", signal);
    bad = 1;
  }
  return bad;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const struct timeval timeout = {0, kLengthMs * 1000};
  sem_init(&semaphore, 0, 0);
  epoll = epoll_create1(0);
  semaphores = semget(IPC_PRIVATE, 1, 0600);
  if (epoll < 0 || semaphores < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) return 3;
  setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  printf("started\n");
  fflush(stdout);
  const int bad = strcmp(argv[1], "rest") == 0 ? Rest() : strcmp(argv[1], "looks") == 0 ? Looks() : Alarms();
  semctl(semaphores, 0, IPC_RMID);
  printf("%s\n", bad ? "disturbed" : "undisturbed");
  return bad;
}
