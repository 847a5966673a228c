// SPDX-License-Identifier: Apache-2.0
// sync_core.h: the parts of SyncCore as what they are, and a semaphore made of them, of which the other objects
// of Go's package sync are made.
//
// Who waits lies on the stack of the task that waits, so the object may go as soon as that task is let go:
// after Ready() of the last waiter nothing here touches the object.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_SYNC_CORE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_SYNC_CORE_H_

#include <cstddef>

#include "instrumentation/runtime/park.h"
#include "instrumentation/runtime/run_queue.h"
#include "stray/mutex.h"
#include "stray/sync_core.h"

namespace stray::runtime {

static_assert(sizeof(WordLock) == sizeof(detail::SyncCore::lock) && alignof(WordLock) == alignof(uint32_t));
static_assert(sizeof(WaitQueue) == 2 * sizeof(Waiter*) && alignof(WaitQueue) == alignof(Waiter*));
static_assert(offsetof(detail::SyncCore, last) == offsetof(detail::SyncCore, first) + sizeof(Waiter*));

inline WordLock& LockOf(detail::SyncCore& core) { return reinterpret_cast<WordLock&>(core.lock); }
inline WaitQueue& WaitersOf(detail::SyncCore& core) { return reinterpret_cast<WaitQueue&>(core.first); }

// Lets all of `woken` go, in order.
inline void ReadyAll(TaskList& woken) {
  while (Task* task = woken.Pop()) Ready(task);
}

// A counting semaphore, first come, first served; the count is in core.state.
void AcquireSemaphore(detail::SyncCore& core, WaitReason reason, const void* object);
void ReleaseSemaphore(detail::SyncCore& core, uint32_t count);

// A mutex for others to build on: reports show `object` as what is waited for. Tells TSan nothing.
void LockCore(detail::MutexCore& mutex, WaitReason reason, const void* object);
bool TryLockCore(detail::MutexCore& mutex);
void UnlockCore(detail::MutexCore& mutex, const char* if_unlocked);

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_SYNC_CORE_H_
