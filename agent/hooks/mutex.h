// SPDX-License-Identifier: Apache-2.0
// mutex.h: what pthread_mutex_*, mtx_* and the condition variables have in common: taking and leaving a
// mutex, as the recorder sees it.
#ifndef STRAY_AGENT_HOOKS_MUTEX_H_
#define STRAY_AGENT_HOOKS_MUTEX_H_

#include <pthread.h>

#include "agent/recorder/objects.h"
#include "agent/recorder/record.h"
#include "agent/recorder/sites.h"

namespace stray::agent {

inline bool IsRecursive(const pthread_mutex_t* mutex) {
  return (mutex->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP;
}
inline bool IsErrorChecking(const pthread_mutex_t* mutex) {
  return (mutex->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK_NP;
}
inline bool IsRobust(const pthread_mutex_t* mutex) { return (mutex->__data.__kind & 16) != 0; }

// The object of `mutex`, made known on first use; 0 when it cannot be (table full, or not a mutex at all,
// which is reported).
uint32_t MutexObjectSlow(Thread* thread, pthread_mutex_t* mutex, wire::Site site, const char* call);

STRAY_HOT uint32_t MutexObject(Thread* thread, pthread_mutex_t* mutex, wire::Site site, const char* call) {
  const uint32_t object = MayTag(mutex) ? Objects::FromTag(TagOf(mutex), mutex) : 0;
  return STRAY_LIKELY(object != 0) ? object : MutexObjectSlow(thread, mutex, site, call);
}

// Number of this operation on `mutex`. The caller holds it.
inline uint32_t NextSequence(pthread_mutex_t* mutex) { return MayTag(mutex) ? ++TagOf(mutex)->sequence : 0; }

// Neither recursive, robust nor process-shared: what the hot path can do without a closer look.
inline bool IsPlain(const pthread_mutex_t* mutex) { return (mutex->__data.__kind & (1 | 16 | 128)) == 0; }

void NoteAcquiredSlow(Thread* thread, pthread_mutex_t* mutex, wire::EventKind kind, uint32_t flags,
                      wire::Site site, const char* call);

// The calling thread has just got `mutex`, which is plain.
STRAY_HOT void NoteAcquiredPlain(Thread* thread, pthread_mutex_t* mutex, uint32_t flags, wire::Site site,
                                 const char* call) {
  const auto kind = (flags & wire::kHeldTry) != 0 ? wire::EventKind::kTryLock : wire::EventKind::kLock;
  LockTag* tag = TagOf(mutex);
  if (STRAY_LIKELY(tag->check == TagCheck(mutex))) {
    RecordEvent(thread, kind, tag->object, ++tag->sequence, site);
    PushHeld(thread, tag->object, flags, site);
  } else {
    NoteAcquiredSlow(thread, mutex, kind, flags, site, call);
  }
}

// The calling thread has just got `mutex`.
STRAY_HOT void NoteAcquired(Thread* thread, pthread_mutex_t* mutex, uint32_t flags, wire::Site site,
                            const char* call) {
  if (STRAY_LIKELY(IsPlain(mutex))) {
    NoteAcquiredPlain(thread, mutex, flags, site, call);
  } else {
    const auto kind = (flags & wire::kHeldTry) != 0 ? wire::EventKind::kTryLock : wire::EventKind::kLock;
    NoteAcquiredSlow(thread, mutex, kind, flags, site, call);
  }
}

// The calling thread is about to unlock `mutex`. True if it was the newest lock held, which is all that the
// common case needs; otherwise NoteReleasingSlow() looks closer and reports misuse.
STRAY_HOT bool NoteReleasing(Thread* thread, pthread_mutex_t* mutex, wire::Site site) {
  const uint32_t n = thread->record->held_count;
  LockTag* tag = TagOf(mutex);
  if (STRAY_UNLIKELY(n == 0) || STRAY_UNLIKELY(tag->check != TagCheck(mutex))) return false;
  const wire::HeldLock& newest = thread->held[n - 1];
  if (STRAY_UNLIKELY(newest.object != tag->object) || STRAY_UNLIKELY(newest.count != 1)) return false;
  RecordEvent(thread, wire::EventKind::kUnlock, tag->object, ++tag->sequence, site);
  __atomic_store_n(&thread->record->held_count, n - 1, __ATOMIC_RELEASE);
  return true;
}
void NoteReleasingSlow(Thread* thread, pthread_mutex_t* mutex, wire::Site site, const char* call);

// A call on `mutex` failed with `error` (an errno value): reports it if that means misuse.
void NoteMutexError(Thread* thread, pthread_mutex_t* mutex, int error, const char* call);

// Bookkeeping of pthread_mutex_init and _destroy (also for mtx_*).
void NoteMutexInit(Thread* thread, pthread_mutex_t* mutex, const char* call);
void NoteMutexInitialized(Thread* thread, pthread_mutex_t* mutex, wire::Site site);
// Before the real call: what it was; after: whether that was wrong.
struct DestroyedMutex {
  uint32_t object;
  bool locked;
};
DestroyedMutex NoteMutexDestroying(Thread* thread, pthread_mutex_t* mutex);
void NoteMutexDestroyed(Thread* thread, pthread_mutex_t* mutex, const DestroyedMutex& before, int error,
                        const char* call);

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_MUTEX_H_
