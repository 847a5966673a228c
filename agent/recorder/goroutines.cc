// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/goroutines.h"

#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/creations.h"
#include "agent/recorder/goroutine_objects.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/threads.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using runtime_abi::GoroutineRecord;
using wire::GoroutineState;
using wire::RegionId;
using AbiState = runtime_abi::TaskState;

constexpr int kWalkTries = 3;
constexpr uint32_t kMostThreads = 256;  // that use the runtime at once
constexpr uint32_t kAhead = 6;          // records

const runtime_abi::RuntimeDescriptor* runtime = nullptr;

// All below is of the one snapshot that is being taken.

struct RuntimeThread {
  uint64_t id;
  uint32_t serial;
  int32_t tid;
  uint32_t labels;
  const GoroutineRecord* record;
};
RuntimeThread known_threads[kMostThreads];
uint32_t known_thread_count = 0;
RuntimeWait thread_waits[kMostThreads];
uint32_t thread_wait_count = 0;

// A copy of a record, and whether it was still the same afterwards.
struct Copy {
  uint64_t id;
  AbiState state;
  uint8_t kind;
  uint16_t wait_reason;
  uint32_t flags;
  const void* wait_object;
  int64_t since_ns;
  Registers registers;
  const void* created_at;
  uint64_t creator;
  const char* name;
  int32_t tid;
  uint32_t creation;
  const runtime_abi::LabelText* labels;
  uint64_t stack_top;
  uint32_t test;
};

Copy CopyOf(const GoroutineRecord& record) {
  Copy copy = {};
  copy.id = record.id.load(std::memory_order_acquire);
  copy.state = static_cast<AbiState>(record.state.load(std::memory_order_acquire));
  copy.kind = record.kind;
  copy.wait_reason = record.wait_reason;
  copy.flags = record.flags;
  copy.wait_object = record.wait_object;
  copy.since_ns = record.wait_since_ns;
  copy.registers = RegistersAt(record.context[0], record.context[1], record.context[2]);
  copy.created_at = record.created_at;
  copy.creator = record.creator;
  copy.name = record.name;
  copy.tid = record.tid;
  copy.creation = record.creation;
  copy.labels = record.labels;
  copy.stack_top = reinterpret_cast<uint64_t>(record.stack_top);
  copy.test = record.test;
  return copy;
}

bool IsSame(const GoroutineRecord& record, const Copy& copy) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return record.id.load(std::memory_order_relaxed) == copy.id &&
         static_cast<AbiState>(record.state.load(std::memory_order_relaxed)) == copy.state &&
         record.labels == copy.labels && record.wait_object == copy.wait_object &&
         record.wait_since_ns == copy.since_ns &&
         record.context[0] == reinterpret_cast<void*>(copy.registers.sp) &&
         record.context[2] == reinterpret_cast<void*>(copy.registers.pc);
}

uint32_t TaskOf(uint64_t id) {
  if ((id & runtime_abi::kThreadNumber) != 0) return static_cast<uint32_t>(id);
  for (uint32_t i = 0; i < known_thread_count; ++i) {
    if (known_threads[i].id == id) return known_threads[i].serial;
  }
  return id == 0 ? 0 : wire::kFirstGoroutine + static_cast<uint32_t>(id);
}

Thread* ThreadOf(int32_t tid) {
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    Thread* thread = Threads::At(slot);
    if (thread->record != nullptr && thread->record->serial != 0 && thread->record->tid == tid &&
        thread->record->state != static_cast<uint8_t>(wire::TaskState::kFinished)) {
      return thread;
    }
  }
  return nullptr;
}

// The stacks of a million goroutines are cold: what a walk will read of one is asked for some records ahead.
void FetchStack(const GoroutineRecord& record) {
  constexpr size_t kWalkedBytes = 512;
  const char* sp = static_cast<const char*>(record.context[0]);
  for (size_t at = 0; at < kWalkedBytes; at += 64) __builtin_prefetch(sp + at);
}

void FetchNothing(const GoroutineRecord&) {}

// Until `visit(record, place)` is false; RecordAt(place) is the record. `fetch` sees each kAhead before `visit`
// does.
template <typename Fetch, typename Visit>
void ForEachRecord(Fetch fetch, Visit visit) {
  const size_t chunks = runtime->chunk_count->load(std::memory_order_acquire);
  for (size_t i = 0; i < chunks; ++i) {
    const char* at = static_cast<const char*>(runtime->chunks[i]);
    for (uint32_t j = 0; j < runtime->chunk_records; ++j, at += runtime->record_stride) {
      const auto& record = *reinterpret_cast<const GoroutineRecord*>(at);
      __builtin_prefetch(at + 2 * kAhead * runtime->record_stride);
      if (j + kAhead < runtime->chunk_records) {
        fetch(*reinterpret_cast<const GoroutineRecord*>(at + kAhead * runtime->record_stride));
      }
      if (record.id.load(std::memory_order_relaxed) == 0) continue;
      if (!visit(record, static_cast<uint32_t>(i) * runtime->chunk_records + j)) return;
    }
  }
}

uint32_t StackOf(const InsideAgent& inside, const Copy& copy, StackBuffer* buffer) {
  if ((copy.flags & runtime_abi::kNotStarted) != 0) return 0;
  if (copy.state == AbiState::kRunning || copy.state == AbiState::kInCall) {
    const Thread* thread = ThreadOf(copy.tid);
    return thread == nullptr ? 0 : thread->record->snapshot_stack;
  }
  if (copy.stack_top > copy.registers.sp) {
    Stacks::WalkMapped(inside, copy.registers, copy.stack_top, buffer);
  } else {
    Stacks::WalkOther(inside, copy.registers, true, buffer);
  }
  return Stacks::Intern(inside, *buffer);
}

wire::TaskState StateOf(AbiState state) {
  switch (state) {
    case AbiState::kRunnable:
      return wire::TaskState::kRunnable;
    case AbiState::kWaiting:
      return wire::TaskState::kBlocked;
    default:
      return wire::TaskState::kRunning;
  }
}

uint8_t FlagsOf(uint32_t flags, uint8_t kind) {
  return static_cast<uint8_t>(((flags & runtime_abi::kIsMain) != 0 ? wire::kGoroutineMain : 0) |
                              ((flags & runtime_abi::kIsSystem) != 0 ? wire::kGoroutineSystem : 0) |
                              ((flags & runtime_abi::kNotStarted) != 0 ? wire::kGoroutineNotStarted : 0) |
                              ((flags & runtime_abi::kWaitsForTimer) != 0 ? wire::kGoroutineTimed : 0) |
                              (kind == runtime_abi::kFiber ? wire::kGoroutineIsFiber : 0));
}

// False: it has ended.
bool Describe(const InsideAgent& inside, const GoroutineRecord& record, StackBuffer* buffer,
              GoroutineState* out) {
  for (int attempt = 0; attempt < kWalkTries; ++attempt) {
    const Copy copy = CopyOf(record);
    if (copy.id == 0 || copy.state == AbiState::kDead) return false;
    if (!IsSame(record, copy)) continue;  // sp and top may be of two stacks
    const bool waits = copy.state == AbiState::kWaiting;
    *out = {.wait_address = waits ? reinterpret_cast<uint64_t>(copy.wait_object) : 0,
            .since_ns = waits ? static_cast<uint64_t>(copy.since_ns) : 0,
            .created_at = reinterpret_cast<uint64_t>(copy.created_at),
            .labels = GoroutineObjects::Labels(copy.labels),
            .creation = copy.creation,
            .task = wire::kFirstGoroutine + static_cast<uint32_t>(copy.id),
            .creator = TaskOf(copy.creator),
            .object = waits ? GoroutineObjects::Object(inside, copy.wait_reason, copy.wait_object) : 0,
            .stack = StackOf(inside, copy, buffer),
            .create_stack = Creations::StackOf(copy.creation),
            .name = GoroutineObjects::Name(copy.name),
            .wait_reason = waits ? copy.wait_reason : uint16_t{0},
            .state = static_cast<uint8_t>(StateOf(copy.state)),
            .flags = FlagsOf(copy.flags, copy.kind),
            .tid = copy.tid,
            .held = 0,
            .held_count = 0,
            .cases = 0,
            .case_count = 0,
            .test = copy.test,
            .place = 0};
    GoroutineObjects::WriteHeld(inside, record, out);
    if (waits && copy.wait_object == nullptr) GoroutineObjects::WriteCases(inside, record, out);
    if (IsSame(record, copy)) {
      if (out->created_at != 0) Modules::Note(out->created_at);
      return true;
    }
  }
  // It does not stand still: what is known for sure is that it runs.
  out->stack = out->object = 0;
  out->wait_reason = 0;
  out->state = static_cast<uint8_t>(wire::TaskState::kRunnable);
  return true;
}

const GoroutineRecord& RecordAt(uint32_t place) {
  const char* chunk = static_cast<const char*>(runtime->chunks[place / runtime->chunk_records]);
  return *reinterpret_cast<const GoroutineRecord*>(chunk +
                                                   place % runtime->chunk_records * runtime->record_stride);
}

// Goroutines went on while they were recorded one after the other: one that waited for a lock may have got it
// by the time that its holder was looked up, and then seems to wait for itself. So holders are looked up once
// more, when all waits stand there, and then every wait for a lock must still be the same: a circle of what is
// left did exist, at the moment between the two. What has moved is live.
void DropMoved(const InsideAgent& inside, uint32_t count) {
  const auto waits_for_lock = [](const GoroutineState& state) {
    return state.state == static_cast<uint8_t>(wire::TaskState::kBlocked) && state.object != 0 &&
           Objects::Record(state.object)->holder != 0;
  };
  for (uint32_t i = 1; i <= count; ++i) {
    auto* state = Box::At<GoroutineState>(RegionId::kGoroutines, i);
    if (waits_for_lock(*state)) GoroutineObjects::CheckHolder(inside, *state);
  }
  for (uint32_t i = 1; i <= count; ++i) {
    auto* state = Box::At<GoroutineState>(RegionId::kGoroutines, i);
    if (!waits_for_lock(*state)) continue;
    const Copy copy = CopyOf(RecordAt(state->place));
    const bool waits_still = wire::kFirstGoroutine + static_cast<uint32_t>(copy.id) == state->task &&
                             copy.state == AbiState::kWaiting &&
                             reinterpret_cast<uint64_t>(copy.wait_object) == state->wait_address &&
                             static_cast<uint64_t>(copy.since_ns) == state->since_ns;
    if (waits_still) continue;
    state->stack = state->object = 0;
    state->wait_reason = 0;
    state->state = static_cast<uint8_t>(wire::TaskState::kRunnable);
  }
}

void FindThreads() {
  known_thread_count = thread_wait_count = 0;
  ForEachRecord(&FetchNothing, [](const GoroutineRecord& record, uint32_t) {
    if (record.kind != runtime_abi::kThread) return true;
    if (const Thread* thread = ThreadOf(record.tid); thread != nullptr && known_thread_count < kMostThreads) {
      known_threads[known_thread_count++] = {record.id.load(std::memory_order_relaxed), thread->record->serial,
                                             record.tid, 0, &record};
    }
    return true;
  });
}

void NoteThread(const InsideAgent& inside, const GoroutineRecord& record) {
  const Copy copy = CopyOf(record);
  for (uint32_t i = 0; i < known_thread_count; ++i) {
    if (known_threads[i].id != copy.id) continue;
    const uint32_t labels = GoroutineObjects::Labels(copy.labels);
    if (IsSame(record, copy)) known_threads[i].labels = labels;
  }
  if (copy.state != AbiState::kWaiting || thread_wait_count == kMostThreads) return;
  thread_waits[thread_wait_count++] = {
      copy.tid, copy.wait_reason, GoroutineObjects::Object(inside, copy.wait_reason, copy.wait_object),
      reinterpret_cast<uint64_t>(copy.wait_object), static_cast<uint64_t>(copy.since_ns)};
}

}  // namespace

bool Goroutines::Attach(const runtime_abi::RuntimeDescriptor* descriptor) {
  if (descriptor->abi != runtime_abi::kRuntimeAbi) return false;
  const runtime_abi::RuntimeDescriptor* none = nullptr;
  return __atomic_compare_exchange_n(&runtime, &none, descriptor, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

bool Goroutines::IsAttached() { return __atomic_load_n(&runtime, __ATOMIC_ACQUIRE) != nullptr; }

void Goroutines::Forget() {
  runtime = nullptr;
  GoroutineObjects::Forget();
}

uint32_t Goroutines::Record(const InsideAgent& inside, StackBuffer* buffer) {
  known_thread_count = thread_wait_count = 0;
  if (!IsAttached()) return 0;
  GoroutineObjects::Begin(runtime);
  FindThreads();
  uint32_t count = 0;
  ForEachRecord(&FetchStack, [&](const GoroutineRecord& record, uint32_t place) {
    if (record.kind == runtime_abi::kThread) {
      NoteThread(inside, record);
      return true;
    }
    if (!Box::Reserve(RegionId::kGoroutines, count + 1)) {
      Box::Count(wire::Loss::kSnapshotSpace);
      return false;
    }
    auto* state = Box::At<GoroutineState>(RegionId::kGoroutines, count + 1);
    if (!Describe(inside, record, buffer, state)) return true;
    state->place = place;
    ++count;
    return true;
  });
  DropMoved(inside, count);
  GoroutineObjects::End();
  return count;
}

uint32_t Goroutines::NumberOf(uint64_t id) { return TaskOf(id); }

uint32_t Goroutines::Task(uint64_t id) {
  FindThreads();
  return TaskOf(id);
}

uint32_t Goroutines::Object(const InsideAgent& inside, uint16_t wait_reason, const void* address) {
  return GoroutineObjects::Find(inside, runtime, wait_reason, address);
}

wire::Site Goroutines::HolderSite(uint16_t wait_reason, const void* address) {
  runtime_abi::ObjectDescription description;
  if (runtime == nullptr || address == nullptr || !runtime->describe(wait_reason, address, &description))
    return 0;
  return reinterpret_cast<wire::Site>(description.held_at);
}

const RuntimeWait* Goroutines::ThreadWait(int32_t tid) {
  for (uint32_t i = 0; i < thread_wait_count; ++i) {
    if (thread_waits[i].tid == tid) return &thread_waits[i];
  }
  return nullptr;
}

uint32_t Goroutines::ThreadLabels(int32_t tid) {
  for (uint32_t i = 0; i < known_thread_count; ++i) {
    if (known_threads[i].tid == tid) return known_threads[i].labels;
  }
  return 0;
}

GoroutineRecord* Goroutines::Current() { return IsAttached() ? runtime->current() : nullptr; }

void Goroutines::ForEachLive(bool (*visit)(const GoroutineRecord& record, void* argument), void* argument) {
  if (!IsAttached()) return;
  ForEachRecord(&FetchNothing, [&](const GoroutineRecord& record, uint32_t) {
    const auto state = static_cast<AbiState>(record.state.load(std::memory_order_acquire));
    if (record.kind == runtime_abi::kThread || state == AbiState::kDead) return true;
    return visit(record, argument);
  });
}

const GoroutineRecord* Goroutines::Find(uint64_t id) {
  struct Search {
    uint64_t id;
    const GoroutineRecord* found;
  } search = {id, nullptr};
  ForEachLive(
      [](const GoroutineRecord& record, void* argument) {
        auto* look = static_cast<Search*>(argument);
        if (record.id.load(std::memory_order_relaxed) != look->id) return true;
        look->found = &record;
        return false;
      },
      &search);
  return search.found;
}

uint64_t Goroutines::ReleaseClock() {
  return IsAttached() ? runtime->release_clock->load(std::memory_order_acquire) : 0;
}

void Goroutines::AddThreadHeld(const InsideAgent& inside, wire::TaskRecord* copy) {
  for (uint32_t i = 0; i < known_thread_count; ++i) {
    if (known_threads[i].tid == copy->tid) GoroutineObjects::AddHeld(inside, *known_threads[i].record, copy);
  }
}

bool Goroutines::StackPiece(size_t number, uint64_t* start, uint64_t* end) {
  const void* memory = nullptr;
  size_t bytes = 0;
  if (!IsAttached() || !runtime->stack_piece(number, &memory, &bytes)) return false;
  *start = reinterpret_cast<uint64_t>(memory);
  *end = *start + bytes;
  return true;
}

uint64_t Goroutines::StackBytes() { return IsAttached() ? runtime->stack_bytes() : 0; }

bool Goroutines::RecordPiece(size_t number, uint64_t* start, uint64_t* end) {
  if (!IsAttached() || number >= runtime->chunk_count->load(std::memory_order_acquire)) return false;
  *start = reinterpret_cast<uint64_t>(runtime->chunks[number]);
  *end = *start + uint64_t{runtime->chunk_records} * runtime->record_stride;
  return true;
}

uint64_t Goroutines::RecordBytes() { return IsAttached() ? runtime->record_stride : 0; }

uint64_t Goroutines::PendingCalls() {
  return IsAttached() ? runtime->pending_calls->load(std::memory_order_acquire) : 0;
}

}  // namespace stray::agent
