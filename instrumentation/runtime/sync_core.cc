// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/sync_core.h"

#include "instrumentation/runtime/thread_state.h"

namespace stray {

namespace detail {

// What CurrentTaskId() relies on.
static_assert(offsetof(runtime::ThreadState, task) == 0);
static_assert(offsetof(runtime::Task, record) == 0);
static_assert(offsetof(bridge::GoroutineRecord, id) == 0);

uint64_t KnowTask() noexcept { return runtime::CurrentTask()->record.id.load(std::memory_order_relaxed); }

}  // namespace detail

namespace runtime {

void AcquireSemaphore(detail::SyncCore& core, WaitReason reason, const void* object) {
  Task* task = CurrentTask();
  LockOf(core).Lock();
  const uint32_t count = core.state.load(std::memory_order_relaxed);
  if (count != 0) {
    core.state.store(count - 1, std::memory_order_relaxed);
    LockOf(core).Unlock();
    return;
  }
  Waiter waiter{.task = task};
  WaitersOf(core).Push(&waiter);
  Park(reason, object, &LockOf(core));
}

void ReleaseSemaphore(detail::SyncCore& core, uint32_t count) {
  TaskList woken;
  LockOf(core).Lock();
  for (; count > 0; --count) {
    Waiter* waiter = WaitersOf(core).Pop();
    if (waiter == nullptr) break;
    woken.Push(waiter->task);
  }
  core.state.store(core.state.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  LockOf(core).Unlock();
  ReadyAll(woken);
}

}  // namespace runtime

}  // namespace stray
