// SPDX-License-Identifier: Apache-2.0
// free_mutex.h: taking a free, plain mutex without a call.
//
// What libc does then is one compare-and-swap and two stores, less than it costs to call it. How a locked mutex
// looks is fixed by static initializers and by old programs that carry libc's code; all the same it is tried
// out on a mutex of our own before it is relied on. Not done where another library stands in front of libc's
// function, nor with lock elision (glibc.elision.enable), which shows in the kind.
#ifndef STRAY_AGENT_HOOKS_FREE_MUTEX_H_
#define STRAY_AGENT_HOOKS_FREE_MUTEX_H_

#include <pthread.h>

#include "agent/recorder/thread.h"

namespace stray::agent {

struct RealFunctions;

// Whether it may be done. Set once, before any hook runs.
extern __attribute__((visibility("hidden"))) bool free_mutex_known;

// Tries out whether `real` are libc's functions and lock as TakeFreeMutex() does.
bool ProbeFreeMutex(const RealFunctions& real);

// Of type PTHREAD_MUTEX_NORMAL, private, neither robust nor with a protocol: what libc calls TIMED_NP.
inline bool IsTimedNp(const pthread_mutex_t* mutex) { return mutex->__data.__kind == PTHREAD_MUTEX_TIMED_NP; }

// As pthread_mutex_trylock(), for a mutex that IsTimedNp(); `tid` is the calling thread's.
STRAY_HOT bool TakeFreeMutex(pthread_mutex_t* mutex, int tid) {
  int expected = 0;
  if (!__atomic_compare_exchange_n(&mutex->__data.__lock, &expected, 1, false, __ATOMIC_ACQUIRE,
                                   __ATOMIC_RELAXED))
    return false;
  mutex->__data.__owner = tid;
  ++mutex->__data.__nusers;
  return true;
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_FREE_MUTEX_H_
