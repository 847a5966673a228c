// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/tests.h"

#include "agent/recorder/box.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

using runtime_abi::GoroutineRecord;
using wire::RegionId;

// Changes whenever something is recorded that a finding could come of, but for tasks.
uint64_t Notes() {
  auto used = [](RegionId id) {
    return __atomic_load_n(&Box::Header()->regions[static_cast<size_t>(id)].used, __ATOMIC_RELAXED);
  };
  return 1 + used(RegionId::kChains) + used(RegionId::kPrints) + MisuseCount();
}

bool IsMachine(const Thread* thread) { return (thread->record->flags & wire::kTaskMachine) != 0; }

GoroutineRecord* GoroutineOf(const Thread* thread) {
  return IsMachine(thread) ? Goroutines::Current() : nullptr;
}

void Set(Thread* self, uint32_t number) {
  if (GoroutineRecord* goroutine = GoroutineOf(self); goroutine != nullptr) {
    goroutine->test = number;
  } else {
    self->record->test = number;
  }
}

// Threads of test `number` that the program has started, but `self`, for which `matches` is true.
template <typename Matches>
bool HasThread(const Thread* self, uint32_t number, Matches matches) {
  constexpr uint32_t kNotOurs = wire::kTaskMain | wire::kTaskAgent | wire::kTaskMachine;
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread == self || thread->record == nullptr) continue;
    const wire::TaskRecord& record = *thread->record;
    if (record.serial == 0 || record.test != number || (record.flags & kNotOurs) != 0) continue;
    const bool finished =
        __atomic_load_n(&record.state, __ATOMIC_ACQUIRE) == static_cast<uint8_t>(wire::TaskState::kFinished);
    if (matches(record, finished)) return true;
  }
  return false;
}

struct Search {
  const GoroutineRecord* self;
  uint32_t number;
  bool found;
};

bool HasGoroutine(const Thread* self, uint32_t number) {
  Search search = {GoroutineOf(self), number, false};
  Goroutines::ForEachLive(
      [](const GoroutineRecord& record, void* argument) {
        auto* look = static_cast<Search*>(argument);
        constexpr uint32_t kNotOurs = runtime_abi::kIsMain | runtime_abi::kIsSystem;
        look->found = &record != look->self && record.test == look->number && (record.flags & kNotOurs) == 0;
        return !look->found;
      },
      &search);
  return search.found;
}

}  // namespace

uint32_t Tests::Begin(const InsideAgent&, Thread* self, const char* name) {
  const uint32_t before = Of(self);
  Set(self, name == nullptr || name[0] == '\0' ? 0 : Box::AddString(name));
  self->notes_at_test = Notes();
  return before;
}

void Tests::Resume(Thread* self, uint32_t number) {
  Set(self, number);
  self->notes_at_test = 0;
}

uint32_t Tests::Of(const Thread* thread) {
  const GoroutineRecord* goroutine = GoroutineOf(thread);
  return goroutine == nullptr ? thread->record->test : goroutine->test;
}

bool Tests::HasLive(const Thread* self, uint32_t number) {
  return HasThread(self, number, [](const wire::TaskRecord&, bool finished) { return !finished; }) ||
         HasGoroutine(self, number);
}

bool Tests::IsWorthALook(const Thread* self) {
  // A goroutine may be on another thread by now than the one on which its test began.
  if (IsMachine(self) || self->notes_at_test != Notes()) return true;
  const uint32_t number = Of(self);
  return HasLive(self, number) || HasThread(self, number, [](const wire::TaskRecord& record, bool finished) {
           return finished && (record.flags & (wire::kTaskJoined | wire::kTaskDetached)) == 0;
         });
}

}  // namespace stray::agent
