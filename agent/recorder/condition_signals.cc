// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/condition_signals.h"

#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

uint64_t UsedSignalsOf(uint32_t condition, uint32_t generation) {
  uint64_t count = 0;
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const UsedSignals& used = Threads::At(slot)->used_signals;
    if (used.condition == condition && used.generation == generation) count += used.count;
  }
  return count;
}

}  // namespace

void FoldUsedSignals(Thread* thread) {
  const UsedSignals used = thread->used_signals;
  thread->used_signals = {};
  if (used.count == 0) return;
  wire::ObjectRecord* record = Objects::Record(used.condition);
  if (__atomic_load_n(&record->holder, __ATOMIC_RELAXED) != used.generation) return;
  uint64_t value = __atomic_load_n(&record->value, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&record->value, &value, value > used.count ? value - used.count : 0, true,
                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

uint32_t FindUnwokenWaiter(const InsideAgent&, uint32_t condition, const Thread* except) {
  if (condition == 0) return 0;
  const wire::ObjectRecord* record = Objects::Record(condition);
  const uint32_t generation = __atomic_load_n(&record->holder, __ATOMIC_RELAXED);
  // In this order: one that is sent and used meanwhile counts as sent only.
  const uint64_t used = UsedSignalsOf(condition, generation);
  const uint64_t sent = __atomic_load_n(&record->value, __ATOMIC_RELAXED);
  uint64_t woken = sent > used ? sent - used : 0;
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread == except || thread->record == nullptr || thread->record->serial == 0) continue;
    if ((__atomic_load_n(&thread->record->wait_seq, __ATOMIC_ACQUIRE) & 1) == 0) continue;
    if (thread->record->wait_object != condition || thread->wait_generation != generation) continue;
    if (woken == 0) return thread->record->serial;
    --woken;
  }
  return 0;
}

}  // namespace stray::agent
