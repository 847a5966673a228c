// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/settle.h"

#include "agent/base/raw.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/shared_memory.h"
#include "agent/recorder/snapshot.h"
#include "agent/recorder/tests.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

constexpr uint64_t kStepNs = 10'000'000;  // how often standing still is looked for
constexpr uint64_t kFirstStepNs = 50'000;
constexpr uint32_t kOfRuntime = wire::kTaskAgent | wire::kTaskMachine;  // they are known by their goroutines

SpinLock ranges_lock;  // tests may end at the same time
constinit SharedRanges shared_ranges;

// Whether a wait for `reason` can be ended by tasks of this process only.
bool EndsByTask(wire::WaitReason reason) {
  enum Waker { kHolder, kTask, kAnyTask, kOutside, kTimer, kNobody };
  switch (reason) {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) \
  case wire::WaitReason::enumerator:                                    \
    return waker != kOutside && waker != kTimer;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  }
  return false;
}

// True if `record` waits for tasks only, without a limit, and the kernel has it asleep: a thread that has
// been woken counts as running there at once, even if it has not run yet.
bool StandsStill(const wire::TaskRecord& record, const SharedRanges& shared) {
  const uint32_t seq = __atomic_load_n(&record.wait_seq, __ATOMIC_ACQUIRE);
  if ((seq & 1) == 0 || (record.wait_flags & wire::kWaitTimed) != 0) return false;
  if ((record.wait_flags & wire::kWaitShared) != 0 && shared.Contains(record.wait_address)) return false;
  if (!EndsByTask(static_cast<wire::WaitReason>(record.wait_reason))) return false;
  const KernelState kernel = ReadKernelState(record.tid);
  return kernel.exists && !kernel.running && __atomic_load_n(&record.wait_seq, __ATOMIC_ACQUIRE) == seq;
}

// Of all threads but those with one of the TaskFlags `kSkipped`.
template <uint32_t kSkipped>
bool ThreadsStandStill() {
  SpinGuard guard(ranges_lock);
  shared_ranges.Load();
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread == tls.self || thread->record == nullptr || thread->record->serial == 0) continue;
    if ((thread->record->flags & kSkipped) != 0) continue;
    if (__atomic_load_n(&thread->record->state, __ATOMIC_ACQUIRE) ==
        static_cast<uint8_t>(wire::TaskState::kFinished))
      continue;
    if (!StandsStill(*thread->record, shared_ranges)) return false;
  }
  return !HasUnknownThreads();
}

// True if `record` waits for tasks only, without a limit.
bool StandsStill(const runtime_abi::GoroutineRecord& record) {
  return static_cast<runtime_abi::TaskState>(record.state.load(std::memory_order_acquire)) ==
             runtime_abi::TaskState::kWaiting &&
         EndsByTask(static_cast<wire::WaitReason>(record.wait_reason)) &&
         (record.flags & runtime_abi::kWaitsForTimer) == 0;
}

bool GoroutinesStandStill() {
  struct Search {
    const runtime_abi::GoroutineRecord* self;
    bool is_still;
  } search = {Goroutines::Current(), true};
  Goroutines::ForEachLive(
      [](const runtime_abi::GoroutineRecord& record, void* argument) {
        auto* look = static_cast<Search*>(argument);
        look->is_still =
            &record == look->self || (record.flags & runtime_abi::kIsSystem) != 0 || StandsStill(record);
        return look->is_still;
      },
      &search);
  return search.is_still;
}

// Two looks in a row: one task may have been about to wake another between our reading of the two.
bool IsStill(bool (*look)()) { return look() && look(); }

}  // namespace

void Settle(const InsideAgent&, uint64_t limit_ns) {
  const uint64_t limit = PreciseNow() + limit_ns;
  uint32_t* ends = Threads::EndCounter();
  for (;;) {
    const uint32_t seen = __atomic_load_n(ends, __ATOMIC_ACQUIRE);
    if (Threads::CountLive(tls.self) == 0) return;
    if (IsStill(&ThreadsStandStill<0>)) return;
    const uint64_t now = PreciseNow();
    if (now >= limit) return;
    FutexWait(ends, seen, limit - now < kStepNs ? limit - now : kStepNs);
  }
}

void ResetSettle() { ranges_lock.Unlock(); }

void SettleTest(const InsideAgent&, uint32_t test, uint64_t limit_ns) {
  const uint64_t limit = PreciseNow() + limit_ns;
  uint32_t* ends = Threads::EndCounter();
  // The end of a goroutine wakes nobody, so the first looks come soon one after the other.
  for (uint64_t step_ns = kFirstStepNs;; step_ns = step_ns < kStepNs ? 2 * step_ns : kStepNs) {
    const uint32_t seen = __atomic_load_n(ends, __ATOMIC_ACQUIRE);
    if (!Tests::HasLive(tls.self, test)) return;
    if (IsStill(&GoroutinesStandStill) && IsStill(&ThreadsStandStill<kOfRuntime>) && GoroutinesStandStill())
      return;
    const uint64_t now = PreciseNow();
    if (now >= limit) return;
    FutexWait(ends, seen, limit - now < step_ns ? limit - now : step_ns);
    Snapshots::OfferIfWanted();
  }
}

}  // namespace stray::agent
