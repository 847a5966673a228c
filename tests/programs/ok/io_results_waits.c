// SPDX-License-Identifier: Apache-2.0
// io_results_waits.c: every hooked call that sleeps, waits for signals or children, or is a futex; and loading
// libraries.
#include <dlfcn.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/show.h"

static void* volatile bad = (void*)16;
static const struct timespec kShort = {0, 1000}, kLong = {1000, 0}, kInvalid = {0, -1};

static void ShowSleeping(void) {
  SHOW(nanosleep(&kShort, NULL));
  SHOW(nanosleep(&kInvalid, NULL));
  SHOW(nanosleep(bad, NULL));
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &kShort, NULL));
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &kShort, NULL));
  SHOW(clock_nanosleep(12345, 0, &kShort, NULL));
  SHOW(clock_nanosleep(CLOCK_REALTIME, 0, &kInvalid, NULL));
  SHOW(usleep(1));
  SHOW(sleep(0));
  SHOW(thrd_sleep(&kShort, NULL));
  SHOW(thrd_sleep(&kInvalid, NULL));
  struct timespec left = {0, 0};
  StartInterrupting();
  SHOW(nanosleep(&kLong, &left));
  SHOW(left.tv_sec);
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &kLong, &left));
  SHOW(usleep(999999999));
  SHOW(thrd_sleep(&kLong, NULL));
  SHOW_SIGN(sleep(1000));
  SHOW(pause());
  sigset_t none;
  sigemptyset(&none);
  SHOW(sigsuspend(&none));
  StopInterrupting();
}

static void ShowSignals(void) {
  sigset_t set;
  int signal = 0;
  siginfo_t info;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  pthread_kill(pthread_self(), SIGUSR1);
  SHOW(sigwait(&set, &signal));
  SHOW(signal == SIGUSR1);
  pthread_kill(pthread_self(), SIGUSR1);
  SHOW(sigwaitinfo(&set, &info) == SIGUSR1);
  pthread_kill(pthread_self(), SIGUSR1);
  SHOW(sigtimedwait(&set, NULL, &kLong) == SIGUSR1);
  SHOW(sigtimedwait(&set, &info, &kShort));
  SHOW(sigtimedwait(&set, &info, &kInvalid));
  SHOW(sigwaitinfo(bad, NULL));
  StartInterrupting();
  SHOW(sigwaitinfo(&set, NULL));
  StopInterrupting();
}

static pid_t Child(int status) {
  pid_t pid = fork();
  if (pid == 0) _exit(status);
  return pid;
}

static void ShowChildren(void) {
  int status = 0;
  struct rusage usage;
  siginfo_t info = {0};
  pid_t pid = Child(3);
  SHOW(waitpid(pid, &status, 0) == pid);
  SHOW(status);
  pid = Child(4);
  SHOW(wait(&status) == pid);
  SHOW(status);
  pid = Child(5);
  SHOW(wait3(&status, 0, &usage) == pid);
  SHOW(status);
  pid = Child(6);
  SHOW(wait4(pid, &status, 0, NULL) == pid);
  SHOW(status);
  pid = Child(7);
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED));
  SHOW(info.si_status);
  SHOW(wait(NULL));
  SHOW(waitpid(-1, &status, WNOHANG));
  SHOW(wait3(NULL, WNOHANG, NULL));
  SHOW(wait4(-1, NULL, 0, NULL));
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  SHOW(waitpid(-1, NULL, 0x40000));
  SHOW(system("exit 9"));
  SHOW(system("kill -9 $$"));
  SHOW(system(NULL));
  FILE* stream = popen("echo from a child; exit 8", "r");
  char line[64];
  SHOW(fgets(line, sizeof(line), stream) == line);
  SHOW(strcmp(line, "from a child\n"));
  SHOW(pclose(stream));
}

static void ShowFutexes(void) {
  static uint32_t word = 1, other = 0;
  uint32_t* const end = NULL;
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 2, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &kShort, NULL, 0));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 1, &kShort, NULL, FUTEX_BITSET_MATCH_ANY));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 1, &kShort, NULL, 0));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, &other, FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 5));
  SHOW(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 1));
  SHOW(syscall(SYS_futex, &other, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, &other, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, &other, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
  SHOW(other);
  SHOW(syscall(SYS_futex, bad, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, bad, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, end, 9999, 1, NULL, NULL, 0));
  SHOW(syscall(449, bad, 1, 0, NULL, 0));
  SHOW(syscall(454, &word, 1, 1, 2 | 128));
  SHOW(syscall(455, &word, 5, 1, 2 | 128, NULL, 0));
  SHOW(syscall(456, bad, 0, 0, 0));
  SHOW(syscall(SYS_io_uring_enter, -1, 0, 1, 1, NULL, 0));
  StartInterrupting();
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
  StopInterrupting();
}

#if defined(__x86_64__)
__attribute__((noreturn, used)) static void EndChild(void) {
  for (;;) __asm__ volatile("syscall" ::"a"(SYS_exit_group), "D"(23L) : "rcx", "r11", "memory");
}

// clone(2) with a stack of its own returns on that stack, at the address that lies on its top: nothing may
// stand between the program and the system call.
static void ShowClone(void) {
  static uint64_t stack[1024] __attribute__((aligned(16)));
  stack[1015] = (uint64_t)&EndChild;
  int status = 0;
  pid_t pid = (pid_t)syscall(SYS_clone, (long)SIGCHLD, &stack[1015], NULL, NULL, 0L);
  SHOW(waitpid(pid, &status, 0) == pid);
  SHOW(status);
}
#else
static void ShowClone(void) {}
#endif

// All six arguments arrive, the last one from the stack.
static void ShowSystemCalls(void) {
  char path[] = "/tmp/io_results.XXXXXX";
  int file = mkstemp(path);
  unlink(path);
  if (ftruncate(file, 8192) != 0 || pwrite(file, "page two", 8, 4096) != 8) return;
  char* page = (char*)syscall(SYS_mmap, NULL, 4096L, (long)PROT_READ, (long)MAP_PRIVATE, (long)file, 4096L);
  SHOW(strcmp(page, "page two"));
  munmap(page, 4096);
  close(file);
  SHOW(syscall(SYS_getpid) == getpid());
  SHOW(syscall(SYS_close, -1));
  SHOW(syscall(100000));
  ShowClone();
}

static void ShowLoading(void) {
  void* handle = dlopen("libm.so.6", RTLD_NOW);
  double (*root)(double) = (double (*)(double))dlsym(handle, "sqrt");
  SHOW(root(81));
  SHOW(dlclose(handle));
  handle = dlmopen(LM_ID_BASE, "libm.so.6", RTLD_NOW);
  SHOW(handle != NULL);
  SHOW(dlclose(handle));
  SHOW(dlopen("no_such_library.so", RTLD_NOW));
  puts(dlerror());
  SHOW(dlopen(NULL, RTLD_NOW) != NULL);
  SHOW(dlopen("libc.so.6", RTLD_NOLOAD | RTLD_NOW | RTLD_DEEPBIND) != NULL);
  SHOW(dlopen("libm.so.6", 0));
  puts(dlerror());
}

static void ShowAll(void) {
  ShowSleeping();
  ShowSignals();
  fflush(stdout);  // children of fork do not print it again
  ShowChildren();
  ShowFutexes();
  ShowSystemCalls();
  ShowLoading();
}

int main(void) {
  ShowTwice(ShowAll);
  return 0;
}
