// SPDX-License-Identifier: Apache-2.0
// wait_group.cc: stray::WaitGroup.
//
// Counter and waiters are one word, so that the Done that ends it all sees whether somebody waits. A waiter is
// counted and queued under the lock; so who ends it finds all of them, lets them go, and touches the group no
// more.
//
// Source: Go's sync/waitgroup.go, with its checks for misuse.
#include "stray/wait_group.h"

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/object_uses.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/recent_operations.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/tsan/channel_steps.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/scheduling_point.h"

namespace stray::detail {

using runtime::LockOf;
using runtime::MisuseKind;
using runtime::Operation;
using runtime::PanicOver;
using runtime::RecentOperations;
using runtime::UsesTable;
using runtime::Waiter;
using runtime::WaitersOf;
using runtime::WaitReason;

namespace {

constexpr char kConcurrent[] = "sync: WaitGroup misuse: Add called concurrently with Wait";

int32_t CounterOf(uint64_t counts) { return static_cast<int32_t>(counts >> 32); }
uint32_t WaitersIn(uint64_t counts) { return static_cast<uint32_t>(counts); }

// The counter is zero, and `counts` says that somebody waits.
void WakeAll(WaitGroupCore* group, uint64_t counts) {
  runtime::TaskList woken;
  LockOf(group->core).Lock();
  // Nobody has a reason to change it now: with the counter at zero, Wait does not wait.
  if (group->counts.load(std::memory_order_relaxed) != counts)
    PanicOver({MisuseKind::kWaitGroupMisuse, "WaitGroup::Add", WaitReason::kSyncWaitGroupWait, group},
              kConcurrent);
  group->counts.store(0, std::memory_order_relaxed);
  while (Waiter* waiter = WaitersOf(group->core).Pop()) woken.Push(waiter->task);
  LockOf(group->core).Unlock();
  runtime::ReadyAll(woken);
}

// Beside an agent: who waits will know what the calling task did.
[[gnu::noinline]] void Tell(WaitGroupCore* group) {
  runtime::Task* task = runtime::Self()->task;
  if (runtime::LifeOfCaller() == 0) return;
  runtime::ReleaseClock::NoteRelease(task);
  bridge::AgentLink::Services()->note_told(&task->record, &group->told);
}

// The calling task has waited: it knows what all of them did.
void Learn(WaitGroupCore* group, const tsan::StepCaller& caller) {
  tsan::Acquire(group);
  tsan::TellStep(tsan::GroupStep::kWaited, group, 0, caller);
  if (AreLocksWatched()) [[unlikely]]
    RecentOperations::Note(Operation::kGroupWait, group);
  if (group->told.load(std::memory_order_relaxed) == 0) [[likely]]
    return;
  runtime::NoteJoinedSlow(group->told.exchange(0, std::memory_order_acquire), true);
}

}  // namespace

[[gnu::noinline]] void AddToGroup(WaitGroupCore* group, int32_t delta) noexcept {
  SchedulingPoint();
  tsan::TellStep(tsan::GroupStep::kChange, group, delta, STRAY_STEP_CALLER());
  if (delta < 0) {
    if (AreLocksWatched()) [[unlikely]] {
      // Of one that ends it all nothing is kept: groups of one are too many. The caller still counts, so the
      // group is there.
      if (CounterOf(group->counts.load(std::memory_order_relaxed)) + delta > 0)
        UsesTable::Note(group->uses, runtime_abi::kDones);
      RecentOperations::Note(Operation::kGroupDone, group);
      Tell(group);
    }
    tsan::Release(group);
  } else {
    group->last_add.Set(CurrentTaskId(), __builtin_return_address(0));
  }
  const uint64_t change = static_cast<uint64_t>(static_cast<int64_t>(delta)) << 32;
  const uint64_t counts = group->counts.fetch_add(change, std::memory_order_acq_rel) + change;
  const int32_t counter = CounterOf(counts);
  const uint32_t waiters = WaitersIn(counts);
  if (counter < 0) {
    PanicOver({MisuseKind::kNegativeCounter, "WaitGroup::Add", WaitReason::kSyncWaitGroupWait, group},
              "sync: negative WaitGroup counter");
  }
  // The first Add and the first Wait must be ordered: for TSan one reads what the other writes.
  if (delta > 0 && counter == delta) {
    tsan::Read(&group->core, __builtin_return_address(0));
    if (waiters != 0)
      PanicOver({MisuseKind::kWaitGroupMisuse, "WaitGroup::Add", WaitReason::kSyncWaitGroupWait, group},
                kConcurrent);
  }
  if (counter == 0 && waiters != 0) WakeAll(group, counts);
}

[[gnu::noinline]] void WaitForGroup(WaitGroupCore* group) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  const tsan::StepCaller caller = STRAY_STEP_CALLER();
  tsan::TellStep(tsan::GroupStep::kWait, group, 0, caller);
  uint64_t counts = group->counts.load(std::memory_order_acquire);
  if (CounterOf(counts) == 0) return Learn(group, caller);
  Waiter waiter{.task = runtime::CurrentTask()};
  LockOf(group->core).Lock();
  do {
    if (CounterOf(counts) == 0) {
      LockOf(group->core).Unlock();
      return Learn(group, caller);
    }
  } while (!group->counts.compare_exchange_weak(counts, counts + 1, std::memory_order_acq_rel,
                                                std::memory_order_acquire));
  if (WaitersIn(counts) == 0) tsan::Write(&group->core, __builtin_return_address(0));
  WaitersOf(group->core).Push(&waiter);
  Park(WaitReason::kSyncWaitGroupWait, group, &LockOf(group->core));
  if (group->counts.load(std::memory_order_relaxed) != 0)
    PanicOver({MisuseKind::kWaitGroupMisuse, "WaitGroup::Wait", WaitReason::kSyncWaitGroupWait, group},
              "sync: WaitGroup is reused before previous Wait has returned");
  Learn(group, caller);
}

}  // namespace stray::detail
