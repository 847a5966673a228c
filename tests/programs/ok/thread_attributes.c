// SPDX-License-Identifier: Apache-2.0
// thread_attributes.c: what a thread asks for it gets: stack size and address, guard, name, signal mask, detach
// state.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void* Describe(void* unused) {
  pthread_attr_t attributes;
  sigset_t mask;
  void* stack;
  size_t size, guard;
  int state, marker;
  char name[16];
  pthread_setname_np(pthread_self(), "described");
  pthread_getname_np(pthread_self(), name, sizeof(name));
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &stack, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_getdetachstate(&attributes, &state);
  pthread_attr_destroy(&attributes);
  printf("%s: %zu bytes, guard %zu, inside %d, detached %d, USR1 blocked %d, USR2 blocked %d\n", name, size,
         guard, (char*)&marker > (char*)stack && (char*)&marker < (char*)stack + size,
         state == PTHREAD_CREATE_DETACHED, sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2));
  return NULL;
}

int main(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &mask, NULL);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_attr_setguardsize(&attributes, 8192);
  pthread_create(&thread, &attributes, Describe, NULL);
  pthread_join(thread, NULL);
  void* own = aligned_alloc(4096, 512 * 1024);
  pthread_attr_setstack(&attributes, own, 512 * 1024);
  pthread_create(&thread, &attributes, Describe, NULL);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
  free(own);
  return 0;
}
