// SPDX-License-Identifier: Apache-2.0
#include "stray/once.h"

#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/scheduling_point.h"

namespace stray::detail {

namespace {

constexpr char kNotLocked[] = "sync: unlock of unlocked mutex";

}  // namespace

[[gnu::noinline]] bool BeginOnce(OnceCore* once) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  runtime::LockCore(once->mutex, runtime::WaitReason::kSyncOnceDo, once);
  if (once->done.load(std::memory_order_relaxed) == 0) {
    once->mutex.holder.Set(CurrentTaskId(), __builtin_return_address(0));
    return true;
  }
  runtime::UnlockCore(once->mutex, kNotLocked);
  tsan::Acquire(&once->done);
  return false;
}

void EndOnce(OnceCore* once) noexcept {
  const runtime::LearningScope learning;
  // `done` is the atomic that the program's own code loads: TSan knows the two as one.
  tsan::Release(&once->done);
  once->done.store(1, std::memory_order_release);
  runtime::UnlockCore(once->mutex, kNotLocked);
}

}  // namespace stray::detail
