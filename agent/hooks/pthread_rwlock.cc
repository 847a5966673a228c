// SPDX-License-Identifier: Apache-2.0
// pthread_rwlock.cc: pthread_rwlock_*.
#include <errno.h>

#include "agent/hooks/real.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/record.h"
#include "agent/recorder/sites.h"

namespace stray::agent {
namespace {

// True if the memory is a mutex that we have tagged and that nobody has constructed anew.
bool IsKnownMutex(pthread_rwlock_t* rwlock) {
  const LockTag* tag = TagOf(reinterpret_cast<pthread_mutex_t*>(rwlock));
  return tag->object != 0 && tag->check == TagCheck(rwlock);
}

void CheckDestroyed(const InsideAgent& inside, Thread* thread, pthread_rwlock_t* rwlock, const char* call) {
  if (MayTag(rwlock) && HasTombstone(rwlock)) {
    ReportUseDestroyed(inside, thread, wire::ObjectKind::kRwlock, rwlock, call);
  }
}

__attribute__((noinline)) uint32_t RwlockObjectSlow(Thread* thread, pthread_rwlock_t* rwlock, wire::Site site,
                                                    const char* call) {
  InsideAgent inside;
  if (IsKnownMutex(rwlock)) {
    ReportMisuse(inside, thread,
                 {.kind = wire::MisuseKind::kWrongKind,
                  .call = call,
                  .object = TagOf(reinterpret_cast<pthread_mutex_t*>(rwlock))->object});
    return 0;
  }
  CheckDestroyed(inside, thread, rwlock, call);
  return Objects::Rwlock(inside, rwlock, site);
}

uint32_t RwlockObject(Thread* thread, pthread_rwlock_t* rwlock, wire::Site site, const char* call) {
  const uint32_t object = MayTag(rwlock) ? Objects::FromTag(TagOf(rwlock), rwlock) : 0;
  return STRAY_LIKELY(object != 0) ? object : RwlockObjectSlow(thread, rwlock, site, call);
}

uint32_t NextSequence(uint32_t object) {
  return __atomic_add_fetch(&Objects::Record(object)->sequence, 1, __ATOMIC_RELAXED);
}

void NoteAcquired(Thread* thread, pthread_rwlock_t* rwlock, uint32_t flags, wire::Site site, const char* call) {
  const uint32_t object = RwlockObject(thread, rwlock, site, call);
  if (object == 0) return;
  const bool read = (flags & wire::kHeldRead) != 0;
  RecordEvent(thread, read ? wire::EventKind::kReadLock : wire::EventKind::kWriteLock, object,
              NextSequence(object), site);
  PushHeld(thread, object, flags, site);
}

void NoteError(Thread* thread, pthread_rwlock_t* rwlock, int error, const char* call) {
  if (error != EINVAL && error != EPERM && error != EDEADLK) return;
  InsideAgent inside;
  const uint32_t object = Objects::Find(inside, wire::ObjectKind::kRwlock, rwlock);
  // A thread that asks again for what it holds is told EDEADLK: a deadlock that glibc refused to enter.
  ReportMisuse(inside, thread,
               {.kind = wire::MisuseKind::kErrorIgnored, .call = call, .object = object, .error = error});
}

template <typename CallReal>
__attribute__((noinline)) int LockSlow(Thread* thread, pthread_rwlock_t* rwlock, uint32_t flags, bool timed,
                                       wire::Site site, const char* call, CallReal call_real) {
  const bool read = (flags & wire::kHeldRead) != 0;
  const uint32_t object = RwlockObject(thread, rwlock, site, call);
  if (object != 0 && !timed && thread->record->held_count > 0) {
    InsideAgent inside;
    RecordWantedChain(inside, thread, object, flags, site);
  }
  if (STRAY_UNLIKELY(thread->is_traced != 0) && !timed) Trace::Request(thread, object, read, site);
  int error;
  {
    WaitScope wait(thread, {.reason = read ? wire::WaitReason::kRwlockRead : wire::WaitReason::kRwlockWrite,
                            .flags = static_cast<uint16_t>((timed ? wire::kWaitTimed : 0) |
                                                           (MayTag(rwlock) ? 0 : wire::kWaitShared)),
                            .object = object,
                            .address = reinterpret_cast<uint64_t>(rwlock),
                            .site = site});
    error = call_real();
  }
  if (error == 0) {
    NoteAcquired(thread, rwlock, flags | (timed ? wire::kHeldTry : 0u), site, call);
  } else {
    NoteError(thread, rwlock, error, call);
  }
  return error;
}

// Whoever unlocks must hold it. glibc keeps no list of readers, so the held locks decide; a lock that was
// taken before the agent came up is given the benefit of the doubt while nobody else could be meant.
void NoteReleasing(Thread* thread, pthread_rwlock_t* rwlock, wire::Site site) {
  const uint32_t object = MayTag(rwlock) ? Objects::FromTag(TagOf(rwlock), rwlock) : 0;
  wire::HeldLock* entry = object == 0 ? nullptr : FindHeld(thread, object);
  if (STRAY_LIKELY(entry != nullptr)) {
    RecordEvent(thread, wire::EventKind::kRwUnlock, object, NextSequence(object), site);
    RemoveHeld(thread, entry);
    return;
  }
  InsideAgent inside;
  if (const uint32_t shared = Objects::Find(inside, wire::ObjectKind::kRwlock, rwlock);
      shared != 0 && !MayTag(rwlock)) {
    if (wire::HeldLock* held = FindHeld(thread, shared); held != nullptr) RemoveHeld(thread, held);
    return;  // another process may be the one that holds it
  }
  if (object == 0 && MayTag(rwlock) && HasTombstone(rwlock)) {
    CheckDestroyed(inside, thread, rwlock, "pthread_rwlock_unlock");
    return;
  }
  if (object == 0 && rwlock->__data.__readers != 0) return;
  const Holder holder = FindHolder(inside, object);
  ReportMisuse(inside, thread,
               {.kind = wire::MisuseKind::kRwUnlockNotLocked,
                .call = "pthread_rwlock_unlock",
                .object = object,
                .other_task = holder.task,
                .other_site = holder.site});
  if (holder.task != 0) ForgetHolder(inside, holder.task, object);
}

bool IsInUse(const pthread_rwlock_t* rwlock) {
  return rwlock->__data.__readers >> 3 != 0 || rwlock->__data.__cur_writer != 0;
}

// An rwlock is initialized again, or destroyed, while it is held or waited for.
void CheckUse(Thread* thread, pthread_rwlock_t* rwlock, wire::MisuseKind held_kind,
              wire::MisuseKind waited_kind, const char* call) {
  InsideAgent inside;
  if (!MayTag(rwlock)) return;
  const uint32_t object = Objects::FromTag(TagOf(rwlock), rwlock);
  if (object == 0 || !IsInUse(rwlock)) return;
  const Holder holder = FindHolder(inside, object);
  const uint32_t waiter = FindWaiter(inside, object, thread);
  if (holder.task != 0) {
    ReportMisuse(inside, thread,
                 {.kind = held_kind,
                  .call = call,
                  .object = object,
                  .other_task = holder.task,
                  .other_site = holder.site});
  } else if (waiter != 0) {
    ReportMisuse(inside, thread, {.kind = waited_kind, .call = call, .object = object, .other_task = waiter});
  }
}

void NoteInitialized(pthread_rwlock_t* rwlock, wire::Site site) {
  InsideAgent inside;
  if (MayTag(rwlock)) *TagOf(rwlock) = {};
  // Made known at once: rwlocks used as mutexes are recognized by it.
  Objects::Rwlock(inside, rwlock, site);
}

void NoteDestroyed(pthread_rwlock_t* rwlock) {
  InsideAgent inside;
  Objects::Destroyed(inside, rwlock);
  if (MayTag(rwlock)) SetTombstone(rwlock);
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

// `try_name` takes a free lock; only when that fails does the thread announce that it waits.
#define STRAY_RWLOCK_HOOK(name, try_name, held_flags)                                                          \
  STRAY_EXPORT int name(pthread_rwlock_t* rwlock) noexcept {                                                   \
    Thread* thread = CurrentThread();                                                                          \
    if (STRAY_UNLIKELY(thread == nullptr)) return Real().name(rwlock);                                         \
    const wire::Site site = STRAY_CALLER_SITE(thread);                                                         \
    if (STRAY_LIKELY(!real_functions.sanitizer_below) && STRAY_LIKELY(real_functions.try_name(rwlock) == 0)) { \
      NoteAcquired(thread, rwlock, held_flags, site, #name);                                                   \
      return 0;                                                                                                \
    }                                                                                                          \
    return LockSlow(thread, rwlock, held_flags, false, site, #name,                                            \
                    [=] { return real_functions.name(rwlock); });                                              \
  }
STRAY_RWLOCK_HOOK(pthread_rwlock_rdlock, pthread_rwlock_tryrdlock, wire::kHeldRead)
STRAY_RWLOCK_HOOK(pthread_rwlock_wrlock, pthread_rwlock_trywrlock, 0)

#define STRAY_RWLOCK_TRY_HOOK(name, held_flags)                                   \
  STRAY_EXPORT int name(pthread_rwlock_t* rwlock) noexcept {                      \
    Thread* thread = CurrentThread();                                             \
    const int error = Real().name(rwlock);                                        \
    if (thread != nullptr && error == 0)                                          \
      NoteAcquired(thread, rwlock, held_flags, STRAY_CALLER_SITE(thread), #name); \
    return error;                                                                 \
  }
STRAY_RWLOCK_TRY_HOOK(pthread_rwlock_tryrdlock, wire::kHeldRead | wire::kHeldTry)
STRAY_RWLOCK_TRY_HOOK(pthread_rwlock_trywrlock, wire::kHeldTry)

#define STRAY_RWLOCK_TIMED_HOOK(name, held_flags)                                       \
  STRAY_EXPORT int name(pthread_rwlock_t* rwlock, const timespec* deadline) noexcept {  \
    Thread* thread = CurrentThread();                                                   \
    if (thread == nullptr) return Real().name(rwlock, deadline);                        \
    return LockSlow(thread, rwlock, held_flags, true, STRAY_CALLER_SITE(thread), #name, \
                    [=] { return real_functions.name(rwlock, deadline); });             \
  }
STRAY_RWLOCK_TIMED_HOOK(pthread_rwlock_timedrdlock, wire::kHeldRead)
STRAY_RWLOCK_TIMED_HOOK(pthread_rwlock_timedwrlock, 0)

#define STRAY_RWLOCK_CLOCK_HOOK(name, held_flags)                                                       \
  STRAY_EXPORT int name(pthread_rwlock_t* rwlock, clockid_t clock, const timespec* deadline) noexcept { \
    Thread* thread = CurrentThread();                                                                   \
    if (thread == nullptr) return Real().name(rwlock, clock, deadline);                                 \
    return LockSlow(thread, rwlock, held_flags, true, STRAY_CALLER_SITE(thread), #name,                 \
                    [=] { return real_functions.name(rwlock, clock, deadline); });                      \
  }
STRAY_RWLOCK_CLOCK_HOOK(pthread_rwlock_clockrdlock, wire::kHeldRead)
STRAY_RWLOCK_CLOCK_HOOK(pthread_rwlock_clockwrlock, 0)

STRAY_EXPORT int pthread_rwlock_unlock(pthread_rwlock_t* rwlock) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) NoteReleasing(thread, rwlock, STRAY_CALLER_SITE(thread));
  return Real().pthread_rwlock_unlock(rwlock);
}

STRAY_EXPORT int pthread_rwlock_init(pthread_rwlock_t* rwlock,
                                     const pthread_rwlockattr_t* attributes) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) {
    CheckUse(thread, rwlock, wire::MisuseKind::kReinitLocked, wire::MisuseKind::kReinitWaited,
             "pthread_rwlock_init");
  }
  const int error = Real().pthread_rwlock_init(rwlock, attributes);
  if (thread != nullptr && error == 0) NoteInitialized(rwlock, STRAY_CALLER_SITE(thread));
  return error;
}

STRAY_EXPORT int pthread_rwlock_destroy(pthread_rwlock_t* rwlock) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) {
    CheckUse(thread, rwlock, wire::MisuseKind::kDestroyLocked, wire::MisuseKind::kDestroyWaited,
             "pthread_rwlock_destroy");
    InsideAgent inside;
    CheckDestroyed(inside, thread, rwlock, "pthread_rwlock_destroy");
  }
  const int error = Real().pthread_rwlock_destroy(rwlock);
  if (thread != nullptr && error == 0) NoteDestroyed(rwlock);
  return error;
}
