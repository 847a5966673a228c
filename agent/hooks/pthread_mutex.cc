// SPDX-License-Identifier: Apache-2.0
// pthread_mutex.cc: pthread_mutex_* and mtx_*.
//
// The free lock is taken by what the real trylock does: when that succeeds nothing can have blocked, and
// nothing needs to be said before. Only when it fails the thread announces what it waits for and calls the
// function that the program called. A sanitizer below us has to see the program's own call, so there we always
// announce.
#include <errno.h>

#include "agent/hooks/free_mutex.h"
#include "agent/hooks/mutex.h"
#include "agent/hooks/real.h"

namespace stray::agent {
namespace {

// C11 functions answer with their own codes.
constexpr int FromThrd(int code) {
  switch (code) {
    case thrd_success:
      return 0;
    case thrd_busy:
      return EBUSY;
    case thrd_timedout:
      return ETIMEDOUT;
    case thrd_nomem:
      return ENOMEM;
    default:
      return EINVAL;
  }
}

pthread_mutex_t* Pthread(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }

bool GotIt(int error) { return error == 0 || error == EOWNERDEAD; }

// Waits for `mutex` by `call_real`, which returns an errno value.
template <typename CallReal>
__attribute__((noinline)) int LockSlow(Thread* thread, pthread_mutex_t* mutex, wire::Site site,
                                       wire::WaitReason reason, bool timed, const char* call,
                                       CallReal call_real) {
  const uint32_t object = MutexObject(thread, mutex, site, call);
  const uint32_t flags = timed ? uint32_t{wire::kHeldTry} : 0;
  if (object != 0 && !timed && thread->record->held_count > 0 && !IsRecursive(mutex)) {
    InsideAgent inside;
    RecordWantedChain(inside, thread, object, flags, site);
  }
  if (STRAY_UNLIKELY(thread->is_traced != 0) && !timed) Trace::Request(thread, object, false, site);
  int error;
  {
    WaitScope wait(thread,
                   {.reason = reason,
                    .flags = static_cast<uint16_t>((timed ? wire::kWaitTimed : 0) |
                                                   (MayTag(mutex) || IsRobust(mutex) ? 0 : wire::kWaitShared)),
                    .object = object,
                    .address = reinterpret_cast<uint64_t>(mutex),
                    .site = site});
    error = call_real();
  }
  if (GotIt(error)) {
    NoteAcquired(thread, mutex, flags, site, call);
  } else {
    NoteMutexError(thread, mutex, error, call);
  }
  return error;
}

// pthread_mutex_lock() of a mutex that is taken or not plain, or from a place that is not known yet. A call of
// its own: the hook then has no registers to save.
__attribute__((noinline)) int LockSpecial(Thread* thread, pthread_mutex_t* mutex, Caller caller) {
  const wire::Site site = SiteOf(thread, caller);
  const int error = real_functions.take_free_mutex(mutex);
  if (!GotIt(error)) {
    return LockSlow(thread, mutex, site, wire::WaitReason::kMutexLock, false, "pthread_mutex_lock",
                    [mutex] { return real_functions.pthread_mutex_lock(mutex); });
  }
  NoteAcquired(thread, mutex, 0, site, "pthread_mutex_lock");
  return error;
}

// pthread_mutex_unlock(), where more has to be found out than its hook has registers for.
__attribute__((noinline)) int UnlockSlow(Thread* thread, pthread_mutex_t* mutex, Caller caller) {
  const wire::Site site = SiteOf(thread, caller);
  if (!NoteReleasing(thread, mutex, site)) NoteReleasingSlow(thread, mutex, site, "pthread_mutex_unlock");
  return real_functions.pthread_mutex_unlock(mutex);
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT STRAY_NEARBY int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().pthread_mutex_lock(mutex);
  const Caller caller = STRAY_CALLER();
  const wire::Site site = CachedSiteOf(thread, caller);
  if (STRAY_LIKELY(site != 0) && STRAY_LIKELY(IsTimedNp(mutex)) && STRAY_LIKELY(free_mutex_known) &&
      STRAY_LIKELY(TakeFreeMutex(mutex, thread->record->tid))) {
    NoteAcquiredPlain(thread, mutex, 0, site, "pthread_mutex_lock");
    return 0;
  }
  return LockSpecial(thread, mutex, caller);
}

STRAY_EXPORT int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  Thread* thread = CurrentThread();
  const int error = Real().pthread_mutex_trylock(mutex);
  if (STRAY_UNLIKELY(thread == nullptr)) return error;
  if (GotIt(error)) {
    NoteAcquired(thread, mutex, wire::kHeldTry, STRAY_CALLER_SITE(thread), "pthread_mutex_trylock");
  } else if (error != EBUSY) {
    NoteMutexError(thread, mutex, error, "pthread_mutex_trylock");
  }
  return error;
}

STRAY_EXPORT int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* deadline) noexcept {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().pthread_mutex_timedlock(mutex, deadline);
  return LockSlow(thread, mutex, STRAY_CALLER_SITE(thread), wire::WaitReason::kMutexLock, true,
                  "pthread_mutex_timedlock",
                  [=] { return real_functions.pthread_mutex_timedlock(mutex, deadline); });
}

STRAY_EXPORT int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                         const timespec* deadline) noexcept {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().pthread_mutex_clocklock(mutex, clock, deadline);
  return LockSlow(thread, mutex, STRAY_CALLER_SITE(thread), wire::WaitReason::kMutexLock, true,
                  "pthread_mutex_clocklock",
                  [=] { return real_functions.pthread_mutex_clocklock(mutex, clock, deadline); });
}

STRAY_EXPORT STRAY_NEARBY int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().pthread_mutex_unlock(mutex);
  const Caller caller = STRAY_CALLER();
  const wire::Site site = CachedSiteOf(thread, caller);
  if (STRAY_UNLIKELY(site == 0) || STRAY_UNLIKELY(!NoteReleasing(thread, mutex, site))) {
    return UnlockSlow(thread, mutex, caller);
  }
  return real_functions.pthread_mutex_unlock(mutex);
}

STRAY_EXPORT int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) NoteMutexInit(thread, mutex, "pthread_mutex_init");
  const int error = Real().pthread_mutex_init(mutex, attributes);
  if (thread != nullptr && error == 0) NoteMutexInitialized(thread, mutex, STRAY_CALLER_SITE(thread));
  return error;
}

STRAY_EXPORT int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_mutex_destroy(mutex);
  const DestroyedMutex before = NoteMutexDestroying(thread, mutex);
  const int error = Real().pthread_mutex_destroy(mutex);
  NoteMutexDestroyed(thread, mutex, before, error, "pthread_mutex_destroy");
  return error;
}

STRAY_EXPORT int mtx_lock(mtx_t* mutex) {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().mtx_lock(mutex);
  const wire::Site site = STRAY_CALLER_SITE(thread);
  if (STRAY_LIKELY(Real().mtx_trylock(mutex) == thrd_success)) {
    NoteAcquired(thread, Pthread(mutex), 0, site, "mtx_lock");
    return thrd_success;
  }
  int code = thrd_success;
  LockSlow(thread, Pthread(mutex), site, wire::WaitReason::kMtxLock, false, "mtx_lock",
           [mutex, &code] { return FromThrd(code = real_functions.mtx_lock(mutex)); });
  return code;
}

STRAY_EXPORT int mtx_trylock(mtx_t* mutex) {
  Thread* thread = CurrentThread();
  const int code = Real().mtx_trylock(mutex);
  if (thread != nullptr && code == thrd_success) {
    NoteAcquired(thread, Pthread(mutex), wire::kHeldTry, STRAY_CALLER_SITE(thread), "mtx_trylock");
  }
  return code;
}

STRAY_EXPORT int mtx_timedlock(mtx_t* mutex, const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().mtx_timedlock(mutex, deadline);
  int code = thrd_success;
  LockSlow(thread, Pthread(mutex), STRAY_CALLER_SITE(thread), wire::WaitReason::kMtxLock, true, "mtx_timedlock",
           [=, &code] { return FromThrd(code = real_functions.mtx_timedlock(mutex, deadline)); });
  return code;
}

STRAY_EXPORT int mtx_unlock(mtx_t* mutex) {
  Thread* thread = CurrentThread();
  if (STRAY_UNLIKELY(thread == nullptr)) return Real().mtx_unlock(mutex);
  const wire::Site site = STRAY_CALLER_SITE(thread);
  if (STRAY_UNLIKELY(!NoteReleasing(thread, Pthread(mutex), site))) {
    NoteReleasingSlow(thread, Pthread(mutex), site, "mtx_unlock");
  }
  return real_functions.mtx_unlock(mutex);
}

STRAY_EXPORT int mtx_init(mtx_t* mutex, int type) {
  Thread* thread = CurrentThread();
  if (thread != nullptr) NoteMutexInit(thread, Pthread(mutex), "mtx_init");
  const int code = Real().mtx_init(mutex, type);
  if (thread != nullptr && code == thrd_success)
    NoteMutexInitialized(thread, Pthread(mutex), STRAY_CALLER_SITE(thread));
  return code;
}

STRAY_EXPORT void mtx_destroy(mtx_t* mutex) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().mtx_destroy(mutex);
  const DestroyedMutex before = NoteMutexDestroying(thread, Pthread(mutex));
  // mtx_destroy answers nothing; what pthread_mutex_destroy would have answered decides.
  const int error = before.locked ? EBUSY : 0;
  Real().mtx_destroy(mutex);
  NoteMutexDestroyed(thread, Pthread(mutex), before, error, "mtx_destroy");
}
