// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/misuse.h"

#include "agent/recorder/box.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

using wire::MisuseRecord;
using wire::RegionId;

SpinLock lock;
uint64_t reported = 0;

MisuseRecord* FindLocked(const MisuseFacts& facts, uint32_t stack) {
  const uint64_t used = Box::Header()->regions[static_cast<size_t>(RegionId::kMisuses)].used;
  for (uint32_t i = 1; i <= used; ++i) {
    auto* record = Box::At<MisuseRecord>(RegionId::kMisuses, i);
    if (record->kind == static_cast<uint32_t>(facts.kind) && record->stack == stack &&
        record->other_site == facts.other_site) {
      return record;
    }
  }
  return nullptr;
}

// Calls `visit(record, held, count)` for each task that has not finished, until it returns true.
template <typename Visit>
void ForEachLive(Visit visit) {
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->serial == 0) continue;
    if (thread->record->state == static_cast<uint8_t>(wire::TaskState::kFinished) &&
        thread->record->held_count == 0)
      continue;
    if (visit(thread)) return;
  }
}

}  // namespace

void ReportMisuse(const InsideAgent& inside, Thread* thread, const MisuseFacts& facts) {
  const uint32_t stack = Stacks::CaptureHere(inside);
  if ((facts.other_site & wire::kSiteIsStack) == 0 && facts.other_site != 0) Modules::Note(facts.other_site);
  if (facts.object != 0) Objects::Pin(facts.object);
  __atomic_fetch_add(&reported, 1, __ATOMIC_RELAXED);
  SpinGuard guard(lock);
  if (MisuseRecord* known = FindLocked(facts, stack); known != nullptr) {
    ++known->count;
    return;
  }
  const uint32_t index = Box::Append(RegionId::kMisuses);
  if (index == 0) {
    Box::Count(wire::Loss::kMisuses);
    return;
  }
  auto* record = Box::At<MisuseRecord>(RegionId::kMisuses, index);
  record->count = 1;
  record->object = facts.object;
  record->task = facts.task != 0 ? facts.task : thread == nullptr ? 0 : thread->record->serial;
  record->stack = stack;
  record->other_task = facts.other_task;
  record->other_site = facts.other_site;
  record->other_object = facts.other_object;
  record->call = Box::AddString(facts.call);
  record->error = facts.error;
  __atomic_store_n(&record->kind, static_cast<uint32_t>(facts.kind), __ATOMIC_RELEASE);
}

uint64_t MisuseCount() { return __atomic_load_n(&reported, __ATOMIC_RELAXED); }

void ReportUseDestroyed(const InsideAgent& inside, Thread* thread, wire::ObjectKind kind, const void* address,
                        const char* call) {
  if (Objects::Find(inside, kind, address) != 0) return;
  ReportMisuse(inside, thread,
               {.kind = wire::MisuseKind::kUseDestroyed,
                .call = call,
                .object = Objects::FindDestroyed(inside, kind, address)});
}

Holder FindHolder(const InsideAgent&, uint32_t object) {
  Holder holder;
  if (object == 0) return holder;
  ForEachLive([&](Thread* thread) {
    const uint32_t count = __atomic_load_n(&thread->record->held_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count && i < thread->held_capacity; ++i) {
      if (thread->held[i].object != object) continue;
      holder = {thread->record->serial, thread->held[i].site};
      return true;
    }
    return false;
  });
  return holder;
}

void ForgetHolder(const InsideAgent&, uint32_t task, uint32_t object) {
  ForEachLive([&](Thread* thread) {
    if (thread->record->serial != task) return false;
    // The entry is left as a hole: its thread may be pushing and popping right now, and closes holes itself.
    for (uint32_t i = 0; i < thread->record->held_count && i < thread->held_capacity; ++i) {
      if (thread->held[i].object == object) __atomic_store_n(&thread->held[i].object, 0, __ATOMIC_RELAXED);
    }
    return true;
  });
}

uint32_t FindWaiter(const InsideAgent&, uint32_t object, const Thread* except) {
  uint32_t waiter = 0;
  if (object == 0) return 0;
  ForEachLive([&](Thread* thread) {
    const wire::TaskRecord* record = thread->record;
    if (thread == except || (__atomic_load_n(&record->wait_seq, __ATOMIC_ACQUIRE) & 1) == 0) return false;
    if (record->wait_object != object) return false;
    waiter = record->serial;
    return true;
  });
  return waiter;
}

}  // namespace stray::agent
