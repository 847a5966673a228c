// SPDX-License-Identifier: Apache-2.0
// held_locks.h: which locks of the runtime each task has, and the order in which it takes them. Kept only
// beside an agent; without one a lock costs the test of a flag.
//
// Another task may give a lock back than the one that took it, as in Go. So each list has a lock of its own,
// and a mutex knows the list that it stands in.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_HELD_LOCKS_H_
#define STRAY_INSTRUMENTATION_RUNTIME_HELD_LOCKS_H_

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/park.h"
#include "instrumentation/runtime/wait_reason.h"
#include "stray/mutex.h"

namespace stray::runtime {

// A call of the program that takes a lock. Must stand in the function that the program calls, which must not be
// inlined.
#define STRAY_LOCK_CALL() \
  ::stray::runtime::LockCall { __builtin_return_address(0), __builtin_frame_address(0) }
struct LockCall {
  const void* pc;
  const void* frame;
};

class HeldLocks {
 public:
  static void StartWatching() { detail::locks_are_watched.store(true, std::memory_order_relaxed); }

  // What stands in the list for a lock of kind `wait_reason` that was taken by `call`.
  static bridge::HeldLock Entry(const void* object, std::atomic<uint32_t>& number, WaitReason wait_reason,
                                uint16_t flags, const LockCall& call);

  // The calling task is about to wait for `lock` if it must: its order after those that it has is noted.
  static void Wants(const bridge::HeldLock& lock);
  // It has it. Returns the list.
  static void* Push(const bridge::HeldLock& lock);
  // Whoever has `object` in `list` (which may be null) has it no more.
  static void Remove(void* list, const void* object);
  // A reader gives `object` back: mostly the calling task itself.
  static void RemoveReader(const void* object);
  // The task has ended, and what it had is nobody's now.
  static void Clear(Task* task);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_HELD_LOCKS_H_
