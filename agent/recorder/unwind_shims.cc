// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/unwind_shims.h"

#include <link.h>
#include <pthread.h>
#include <signal.h>

#include "agent/recorder/modules.h"
#include "agent/recorder/thread.h"

extern "C" {
#if defined(__x86_64__)
int _ULx86_64_tdep_trace(unw_cursor_t* cursor, void** buffer, int* size);
#elif defined(__aarch64__)
int _ULaarch64_tdep_trace(unw_cursor_t* cursor, void** buffer, int* size);
#endif
}

namespace stray::agent {
namespace {

// One lock for all of libunwind: its critical sections are short, and one is easy to make new after fork.
// Recursive, because libunwind nests its own.
SpinLock unwinder_lock;
const ThreadLocal* unwinder_owner = nullptr;
uint32_t unwinder_depth = 0;
void (*cache_destructor)(void*) = nullptr;

}  // namespace

int UnwindTrace(unw_cursor_t* cursor, void** buffer, int* size) {
#if defined(__x86_64__)
  return _ULx86_64_tdep_trace(cursor, buffer, size);
#elif defined(__aarch64__)
  return _ULaarch64_tdep_trace(cursor, buffer, size);
#endif
}

void ReleaseUnwinderCache() {
  // libunwind's destructor puts itself back until it has been called PTHREAD_DESTRUCTOR_ITERATIONS times.
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS && tls.unwinder_cache != nullptr; ++round) {
    void* cache = tls.unwinder_cache;
    tls.unwinder_cache = nullptr;
    if (cache_destructor != nullptr) cache_destructor(cache);
  }
  tls.unwinder_cache = nullptr;
}

void LockUnwinder() {
  if (unwinder_owner == &tls) {
    ++unwinder_depth;
    return;
  }
  unwinder_lock.Lock();
  unwinder_owner = &tls;
  unwinder_depth = 1;
}

void UnlockUnwinder() {
  if (--unwinder_depth != 0) return;
  unwinder_owner = nullptr;
  unwinder_lock.Unlock();
}

void ResetUnwinderLock() {
  unwinder_owner = nullptr;
  unwinder_depth = 0;
  unwinder_lock.Unlock();
}

}  // namespace stray::agent

// The names scripts/build-libunwind gives to libunwind's calls. Signatures are those of libc.
extern "C" {

#define STRAY_SHIM __attribute__((visibility("hidden")))

// libunwind asks for the module of the address that stands first in `data` (struct dwarf_callback_data).
STRAY_SHIM int stray_unwind_dl_iterate_phdr(int (*callback)(dl_phdr_info*, size_t, void*), void* data) {
  dl_phdr_info info;
  if (stray::agent::Modules::Describe(*static_cast<const uint64_t*>(data), &info)) {
    return callback(&info, sizeof(info), data);
  }
  return 0;
}

// Complaints of libunwind: the program's standard error is not for them.
STRAY_SHIM long stray_unwind_write(int, const void*, size_t count) { return static_cast<long>(count); }

// Signals stay as they are: a handler that interrupts us finds InsideAgent and stays away from libunwind.
STRAY_SHIM int stray_unwind_sigprocmask(int, const sigset_t*, sigset_t*) { return 0; }

STRAY_SHIM int stray_unwind_pthread_mutex_init(pthread_mutex_t*, const pthread_mutexattr_t*) { return 0; }
STRAY_SHIM int stray_unwind_pthread_mutex_lock(pthread_mutex_t*) {
  stray::agent::LockUnwinder();
  return 0;
}
STRAY_SHIM int stray_unwind_pthread_mutex_unlock(pthread_mutex_t*) {
  stray::agent::UnlockUnwinder();
  return 0;
}
STRAY_SHIM int stray_unwind_pthread_once(pthread_once_t* once, void (*routine)()) {
  if (__atomic_load_n(once, __ATOMIC_ACQUIRE) == 2) return 0;
  stray::agent::LockUnwinder();
  if (*once != 2) {
    routine();
    __atomic_store_n(once, 2, __ATOMIC_RELEASE);
  }
  stray::agent::UnlockUnwinder();
  return 0;
}
STRAY_SHIM int stray_unwind_pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
  *key = 1;
  stray::agent::cache_destructor = destructor;
  return 0;
}
STRAY_SHIM int stray_unwind_pthread_setspecific(pthread_key_t, const void* value) {
  stray::agent::tls.unwinder_cache = const_cast<void*>(value);
  return 0;
}
STRAY_SHIM void* stray_unwind_pthread_getspecific(pthread_key_t) { return stray::agent::tls.unwinder_cache; }

}  // extern "C"
