// SPDX-License-Identifier: Apache-2.0
// order.h: fixes the order of events in a test program, unseen by stray. C and C++.
//
// Everything here is a plain atomic or a system call issued by hand, so that no hook of the agent (and no
// sanitizer) sees it: a test barrier may decide who goes first, but it must not be a fact the report could
// rest on, and it must not add an order between threads that the program under test does not have.
//
//   Gate        closed until somebody opens it
//   Meeting     nobody goes on before `people` have arrived
//   AwaitAsleep waits until another thread sits in a system call, blocked; the way to say "and now it
//               really waits" without a sleep
//   AwaitEnd    waits until another thread is gone
//
// All of them start as zero, so static variables need no initializer.
#ifndef STRAY_TESTS_SUPPORT_ORDER_H_
#define STRAY_TESTS_SUPPORT_ORDER_H_

#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>

// Clang goes on to show atomics of a function that is merely not sanitized.
#if defined(__clang__)
#define ORDER_UNSEEN __attribute__((disable_sanitizer_instrumentation, noinline, unused)) static
#else
#define ORDER_UNSEEN __attribute__((no_sanitize("thread"), noinline, unused)) static
#endif

#if defined(__x86_64__)
ORDER_UNSEEN long OrderSystemCall(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
ORDER_UNSEEN long OrderSystemCall(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
#else
#error "order.h: write the system call for this processor"
#endif

ORDER_UNSEEN void OrderYield(void) { OrderSystemCall(SYS_sched_yield, 0, 0, 0, 0); }

typedef struct Gate {
  int open;
} Gate;

ORDER_UNSEEN void GateOpen(Gate* gate) { __atomic_store_n(&gate->open, 1, __ATOMIC_RELEASE); }

ORDER_UNSEEN void GateAwait(const Gate* gate) {
  while (!__atomic_load_n(&gate->open, __ATOMIC_ACQUIRE)) OrderYield();
}

typedef struct Meeting {
  int arrived;
} Meeting;

// Arrives, and waits for the others. A Meeting is used once.
ORDER_UNSEEN void Meet(Meeting* meeting, int people) {
  __atomic_add_fetch(&meeting->arrived, 1, __ATOMIC_ACQ_REL);
  while (__atomic_load_n(&meeting->arrived, __ATOMIC_ACQUIRE) < people) OrderYield();
}

// Where a thread says who it is, for AwaitAsleep.
typedef struct Sleeper {
  int tid;
} Sleeper;

// The calling thread will block next.
ORDER_UNSEEN void AboutToSleep(Sleeper* sleeper) {
  __atomic_store_n(&sleeper->tid, (int)OrderSystemCall(SYS_gettid, 0, 0, 0, 0), __ATOMIC_RELEASE);
}

// Writes "/proc/self/task/TID/FILE" into `path`, which has room for 64.
ORDER_UNSEEN void OrderTaskPath(char* path, int tid, const char* file) {
  const char* prefix = "/proc/self/task/";
  char digits[12];
  size_t count = 0;
  while (*prefix) *path++ = *prefix++;
  for (; tid > 0; tid /= 10) digits[count++] = (char)('0' + tid % 10);
  while (count > 0) *path++ = digits[--count];
  *path++ = '/';
  while (*file) *path++ = *file++;
  *path = 0;
}

// True if thread `tid` of this process is asleep in system call `number`.
ORDER_UNSEEN int OrderIsAsleepIn(int tid, long number) {
  char path[64];
  char text[16] = {0};
  long found = 0;
  OrderTaskPath(path, tid, "syscall");  // "202 0x... ..." or "running"
  long fd = OrderSystemCall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  OrderSystemCall(SYS_read, fd, (long)text, sizeof(text) - 1, 0);
  OrderSystemCall(SYS_close, fd, 0, 0, 0);
  if (text[0] < '0' || text[0] > '9') return 0;
  for (const char* c = text; *c >= '0' && *c <= '9'; ++c) found = found * 10 + (*c - '0');
  return found == number;
}

// Waits until the thread that said AboutToSleep is blocked in system call `number`, twice in a row with a
// yield between, so that a call that only just passes through does not count.
ORDER_UNSEEN void AwaitAsleepIn(const Sleeper* sleeper, long number) {
  int times = 0;
  while (times < 2) {
    int tid = __atomic_load_n(&sleeper->tid, __ATOMIC_ACQUIRE);
    times = tid != 0 && OrderIsAsleepIn(tid, number) ? times + 1 : 0;
    OrderYield();
  }
}

// The same for locks, conditions, semaphores, barriers, joins: all of them are futexes.
ORDER_UNSEEN void AwaitAsleep(const Sleeper* sleeper) { AwaitAsleepIn(sleeper, SYS_futex); }

// True if thread `tid` of this process is gone: no more there, or, as main after pthread_exit, a zombie.
ORDER_UNSEEN int OrderHasEnded(int tid) {
  char path[64];
  char text[64] = {0};
  OrderTaskPath(path, tid, "stat");  // "TID (NAME) STATE ..."
  long fd = OrderSystemCall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 1;
  OrderSystemCall(SYS_read, fd, (long)text, sizeof(text) - 1, 0);
  OrderSystemCall(SYS_close, fd, 0, 0, 0);
  for (const char* c = text; *c; ++c) {
    if (c[0] == ')' && c[1] == ' ') return c[2] == 'Z' || c[2] == 'X';
  }
  return 1;  // it ended between open and read
}

// Waits until the thread that said AboutToSleep has ended.
ORDER_UNSEEN void AwaitEnd(const Sleeper* sleeper) {
  for (;;) {
    int tid = __atomic_load_n(&sleeper->tid, __ATOMIC_ACQUIRE);
    if (tid != 0 && OrderHasEnded(tid)) return;
    OrderYield();
  }
}

#endif  // STRAY_TESTS_SUPPORT_ORDER_H_
