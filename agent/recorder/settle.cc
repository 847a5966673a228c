// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/settle.h"

#include "agent/base/raw.h"
#include "agent/recorder/shared_memory.h"
#include "agent/recorder/snapshot.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

constexpr uint64_t kStepNs = 10'000'000;  // how often standing still is looked for

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

bool AllStandStill() {
  static SharedRanges shared;  // one thread settles, once
  shared.Load();
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread == tls.self || thread->record == nullptr || thread->record->serial == 0) continue;
    if (__atomic_load_n(&thread->record->state, __ATOMIC_ACQUIRE) ==
        static_cast<uint8_t>(wire::TaskState::kFinished))
      continue;
    if (!StandsStill(*thread->record, shared)) return false;
  }
  return !HasUnknownThreads();
}

}  // namespace

void Settle(const InsideAgent&, uint64_t limit_ns) {
  const uint64_t limit = PreciseNow() + limit_ns;
  uint32_t* ends = Threads::EndCounter();
  for (;;) {
    const uint32_t seen = __atomic_load_n(ends, __ATOMIC_ACQUIRE);
    if (Threads::CountLive(tls.self) == 0) return;
    // Two looks in a row: one task may have been about to wake another between our reading of the two.
    if (AllStandStill() && AllStandStill()) return;
    const uint64_t now = PreciseNow();
    if (now >= limit) return;
    FutexWait(ends, seen, limit - now < kStepNs ? limit - now : kStepNs);
  }
}

}  // namespace stray::agent
