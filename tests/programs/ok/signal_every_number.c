// SPDX-License-Identifier: Apache-2.0
// signal_every_number.c: a program that uses every signal there is, with handlers, masks, sigwait and signalfd:
// one of them is the one with which stray asks for snapshots.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static volatile sig_atomic_t seen[NSIG + 64];

static void Note(int number) { seen[number] = seen[number] + 1; }

static int IsOurs(int number) {
  return number != SIGKILL && number != SIGSTOP && number != SIGSEGV && number != SIGBUS &&
         (number < 32 || number >= SIGRTMIN);
}

int main(void) {
  struct sigaction action = {.sa_handler = Note}, before;
  sigset_t all;
  int handled = 0, waited = 0, read_back = 0, was_default = 0;
  sigfillset(&all);
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (!IsOurs(number)) continue;
    sigaction(number, &action, &before);
    was_default += before.sa_handler == SIG_DFL;
    raise(number);
    handled += seen[number] == 1;
  }
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  for (int number = 1; number <= SIGRTMAX; ++number) {
    int got = 0;
    if (!IsOurs(number)) continue;
    raise(number);
    sigwait(&all, &got);
    waited += got == number;
  }
  int fd = signalfd(-1, &all, SFD_CLOEXEC);
  for (int number = 1; number <= SIGRTMAX; ++number) {
    struct signalfd_siginfo info;
    if (!IsOurs(number)) continue;
    raise(number);
    read_back += read(fd, &info, sizeof(info)) == sizeof(info) && (int)info.ssi_signo == number;
  }
  close(fd);
  printf("default %d, handled %d, waited for %d, read %d\n", was_default, handled, waited, read_back);
  return 0;
}
