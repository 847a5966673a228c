// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/free_mutex.h"

#include <errno.h>
#include <string.h>

#include "agent/base/raw.h"
#include "agent/hooks/real.h"

namespace stray::agent {

bool free_mutex_known = false;

namespace {

bool IsLibc(const void* function) {
  const char* library = LibraryOf(function);
  return strncmp(library, "libc.so", 7) == 0 || strncmp(library, "libpthread.so", 13) == 0;
}

bool IsHeldBy(const pthread_mutex_t& mutex, int tid) {
  const auto& data = mutex.__data;
  return data.__lock == 1 && data.__owner == tid && data.__nusers == 1 && IsTimedNp(&mutex);
}

bool IsFree(const pthread_mutex_t& mutex) {
  const pthread_mutex_t free = PTHREAD_MUTEX_INITIALIZER;
  return memcmp(&mutex, &free, sizeof(free)) == 0;
}

}  // namespace

bool ProbeFreeMutex(const RealFunctions& real) {
  if (!IsLibc(reinterpret_cast<const void*>(real.pthread_mutex_lock)) ||
      !IsLibc(reinterpret_cast<const void*>(real.pthread_mutex_unlock))) {
    return false;
  }
  const int tid = RawTid();
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  const bool same_lock = real.pthread_mutex_lock(&mutex) == 0 && IsHeldBy(mutex, tid);
  const bool same_unlock = real.pthread_mutex_unlock(&mutex) == 0 && IsFree(mutex);
  if (!same_lock || !same_unlock) return false;
  return TakeFreeMutex(&mutex, tid) && IsHeldBy(mutex, tid) && !TakeFreeMutex(&mutex, tid) &&
         real.pthread_mutex_trylock(&mutex) == EBUSY && real.pthread_mutex_unlock(&mutex) == 0 && IsFree(mutex);
}

}  // namespace stray::agent
