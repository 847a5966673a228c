/* SPDX-License-Identifier: Apache-2.0
 * forward_only.c: a preload that stands in front of the lock functions and does nothing: the floor under any
 * hook. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

#define FORWARD(name)                          \
  static int (*real_##name)(pthread_mutex_t*); \
  int name(pthread_mutex_t* mutex) { return real_##name(mutex); }
FORWARD(pthread_mutex_lock)
FORWARD(pthread_mutex_unlock)

__attribute__((constructor)) static void Resolve(void) {
  real_pthread_mutex_lock = (int (*)(pthread_mutex_t*))dlsym(RTLD_NEXT, "pthread_mutex_lock");
  real_pthread_mutex_unlock = (int (*)(pthread_mutex_t*))dlsym(RTLD_NEXT, "pthread_mutex_unlock");
}
