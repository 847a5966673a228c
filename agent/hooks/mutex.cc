// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/mutex.h"

#include <errno.h>

#include "agent/recorder/misuse.h"

namespace stray::agent {
namespace {

// True if the memory is an rwlock that we have tagged and that nobody has constructed anew.
bool IsKnownRwlock(pthread_mutex_t* mutex) {
  const RwlockTag* tag = TagOf(reinterpret_cast<pthread_rwlock_t*>(mutex));
  return tag->object != 0 && tag->check == TagCheck(mutex);
}

uint32_t KnownObject(const InsideAgent& inside, pthread_mutex_t* mutex) {
  if (!MayTag(mutex)) return Objects::Find(inside, wire::ObjectKind::kMutex, mutex);
  return Objects::FromTag(TagOf(mutex), mutex);
}

void ReportForeignUnlock(const InsideAgent& inside, Thread* thread, pthread_mutex_t* mutex, uint32_t object,
                         const char* call) {
  const int owner = __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED);
  if (owner == thread->record->tid) return;  // taken where we did not see it, for example before we came up
  if (IsErrorChecking(mutex)) return;        // chosen in order to be told
  const bool locked = __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0;
  MisuseFacts facts = {.kind = locked ? wire::MisuseKind::kUnlockNotOwner : wire::MisuseKind::kUnlockNotLocked,
                       .call = call};
  facts.object = object;
  if (locked) {
    const Holder holder = FindHolder(inside, object);
    facts.other_task = holder.task;
    facts.other_site = holder.site;
  }
  ReportMisuse(inside, thread, facts);
  if (facts.other_task != 0) ForgetHolder(inside, facts.other_task, object);
}

}  // namespace

__attribute__((noinline)) uint32_t MutexObjectSlow(Thread* thread, pthread_mutex_t* mutex, wire::Site site,
                                                   const char* call) {
  InsideAgent inside;
  if (IsKnownRwlock(mutex)) {
    ReportMisuse(inside, thread,
                 {.kind = wire::MisuseKind::kWrongKind,
                  .call = call,
                  .object = TagOf(reinterpret_cast<pthread_rwlock_t*>(mutex))->object});
    return 0;
  }
  return Objects::Mutex(inside, mutex, site);
}

__attribute__((noinline)) void NoteAcquiredSlow(Thread* thread, pthread_mutex_t* mutex, wire::EventKind kind,
                                                uint32_t flags, wire::Site site, const char* call) {
  const uint32_t object = MutexObject(thread, mutex, site, call);
  if (object == 0) return;
  RecordEvent(thread, kind, object, NextSequence(mutex), site);
  if (IsRecursive(mutex) && mutex->__data.__count > 1) {
    if (wire::HeldLock* entry = FindHeld(thread, object); entry != nullptr) {
      if (entry->count < UINT16_MAX) ++entry->count;
      return;
    }  // else the first time was not seen
  }
  PushHeld(thread, object, flags, site);
}

__attribute__((noinline)) void NoteReleasingSlow(Thread* thread, pthread_mutex_t* mutex, wire::Site site,
                                                 const char* call) {
  InsideAgent inside;
  const uint32_t object = KnownObject(inside, mutex);
  wire::HeldLock* entry = object == 0 ? nullptr : FindHeld(thread, object);
  if (entry == nullptr) {
    if (mutex->__data.__kind >= 0) ReportForeignUnlock(inside, thread, mutex, object, call);
    return;
  }
  RecordEvent(thread, wire::EventKind::kUnlock, object, NextSequence(mutex), site);
  if (entry->count > 1 && mutex->__data.__count > 1) {
    --entry->count;
  } else {
    RemoveHeld(thread, entry);
  }
}

__attribute__((noinline)) void NoteMutexError(Thread* thread, pthread_mutex_t* mutex, int error,
                                              const char* call) {
  if (error != EINVAL && error != EPERM && error != EDEADLK) return;
  // These types were chosen to be told; recursive and robust ones answer EPERM on purpose, too.
  if (error != EINVAL && (IsErrorChecking(mutex) || IsRobust(mutex))) return;
  InsideAgent inside;
  const uint32_t object = Objects::Find(inside, wire::ObjectKind::kMutex, mutex);
  const bool destroyed = mutex->__data.__kind == -1;
  ReportMisuse(inside, thread,
               {.kind = destroyed ? wire::MisuseKind::kUseDestroyed : wire::MisuseKind::kErrorIgnored,
                .call = call,
                .object = object,
                .error = error});
}

__attribute__((noinline)) void NoteMutexInit(Thread* thread, pthread_mutex_t* mutex, const char* call) {
  InsideAgent inside;
  // Only a valid tag proves that this memory is still the lock we know.
  if (!MayTag(mutex)) return;
  const uint32_t object = Objects::FromTag(TagOf(mutex), mutex);
  if (object == 0 || __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) == 0) return;
  const Holder holder = FindHolder(inside, object);
  if (holder.task == 0) return;
  ReportMisuse(inside, thread,
               {.kind = wire::MisuseKind::kReinitLocked,
                .call = call,
                .object = object,
                .other_task = holder.task,
                .other_site = holder.site});
}

__attribute__((noinline)) void NoteMutexInitialized(Thread*, pthread_mutex_t* mutex, wire::Site site) {
  InsideAgent inside;
  if (MayTag(mutex)) {
    *TagOf(mutex) = {};
  } else {
    Objects::Initialized(inside, wire::ObjectKind::kMutex, mutex, site, 0);
  }
}

__attribute__((noinline)) DestroyedMutex NoteMutexDestroying(Thread*, pthread_mutex_t* mutex) {
  InsideAgent inside;
  return {KnownObject(inside, mutex), __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0};
}

__attribute__((noinline)) void NoteMutexDestroyed(Thread* thread, pthread_mutex_t* mutex,
                                                  const DestroyedMutex& before, int error, const char* call) {
  InsideAgent inside;
  if (error == EBUSY) {
    const uint32_t waiter = FindWaiter(inside, before.object, nullptr);
    const Holder holder = FindHolder(inside, before.object);
    const bool waited = waiter != 0 && !before.locked;
    ReportMisuse(inside, thread,
                 {.kind = waited ? wire::MisuseKind::kDestroyWaited : wire::MisuseKind::kDestroyLocked,
                  .call = call,
                  .object = before.object,
                  .error = error,
                  .other_task = waited ? waiter : holder.task,
                  .other_site = holder.site});
    return;
  }
  if (error == EINVAL) {
    ReportMisuse(
        inside, thread,
        {.kind = wire::MisuseKind::kUseDestroyed, .call = call, .object = before.object, .error = error});
    return;
  }
  if (before.object != 0) Objects::Destroyed(inside, mutex);
  if (error == 0 && MayTag(mutex)) *TagOf(mutex) = {};
}

}  // namespace stray::agent
