// SPDX-License-Identifier: Apache-2.0
// signal_handler_posts.c: a thread waits for a semaphore that a signal handler posts; the signals come from
// another thread, from a timer and from a child.
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t arrived;

static void Post(int number) { sem_post(&arrived); }

static void Await(void) {
  while (sem_wait(&arrived) != 0) {
  }
}

static void* SendSignal(void* target) {
  pthread_kill(*(pthread_t*)target, SIGUSR1);
  return NULL;
}

int main(void) {
  pthread_t self = pthread_self(), sender;
  struct sigaction action = {.sa_handler = Post};
  struct itimerval soon = {.it_value = {.tv_usec = 20 * 1000}};
  sem_init(&arrived, 0, 0);
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGCHLD, &action, NULL);
  pthread_create(&sender, NULL, SendSignal, &self);
  Await();
  pthread_join(sender, NULL);
  puts("thread");
  setitimer(ITIMER_REAL, &soon, NULL);
  Await();
  puts("timer");
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(0);
  Await();
  puts("child");
  return waitpid(child, NULL, 0) == child ? 0 : 1;
}
