// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/goroutines.h"

#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/creations.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/threads.h"
#include "agent/recorder/walk_memory.h"

namespace stray::agent {
namespace {

using runtime_abi::GoroutineRecord;
using runtime_abi::ObjectDescription;
using wire::GoroutineState;
using wire::RegionId;
using AbiState = runtime_abi::TaskState;

constexpr int kWalkTries = 3;
constexpr uint32_t kMostThreads = 256;  // that use the runtime at once
constexpr uint32_t kNameSlots = 1024;
constexpr uint32_t kObjectSlots = 1024;
constexpr uint32_t kAhead = 6;  // records

const runtime_abi::RuntimeDescriptor* runtime = nullptr;

// All below is of the one snapshot that is being taken.

// Of the regions kHeld, kCases and kUses.
uint32_t held_used = 0, cases_used = 0, uses_used = 0;

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

// Names are few, and kept by the runtime for ever: found again by address.
struct KnownName {
  const char* name;
  uint32_t string;
};
KnownName known_names[kNameSlots];

uint32_t NameOf(const char* name) {
  if (name == nullptr) return 0;
  KnownName& slot = known_names[(reinterpret_cast<uint64_t>(name) >> 3) * 0x9E3779B97F4A7C15u >> 54];
  if (slot.name != name) slot = {name, Box::AddString(name)};
  return slot.string;
}

// Many have the labels of one set, which may be given back at any time: what was copied counts only if the
// record still names the set afterwards.
struct KnownLabels {
  const runtime_abi::LabelText* labels;
  uint64_t seq;
  uint32_t string;
};
KnownLabels known_labels[kNameSlots];

uint32_t LabelsOf(const runtime_abi::LabelText* labels) {
  if (labels == nullptr) return 0;
  KnownLabels& known = known_labels[(reinterpret_cast<uint64_t>(labels) >> 4) * 0x9E3779B97F4A7C15u >> 54];
  const uint64_t seq = Box::Header()->snapshot.begin_seq;
  if (known.labels == labels && known.seq == seq) return known.string;
  static char text[runtime_abi::kMostLabelBytes + 1];
  const auto address = reinterpret_cast<uint64_t>(labels);
  uint32_t size = 0;
  if (!CopyMemory(address + offsetof(runtime_abi::LabelText, size), &size, sizeof(size))) return 0;
  if (size > runtime_abi::kMostLabelBytes || !CopyMemory(address + sizeof(*labels), text, size)) return 0;
  text[size] = 0;
  const bool is_same = known.labels == labels && strcmp(Box::String(known.string), text) == 0;
  known = {labels, seq, is_same ? known.string : Box::AddString(text, size)};
  return known.string;
}

// Many wait for the same object, which is described once in a snapshot.
struct KnownObject {
  const void* address;
  uint64_t seq;
  uint32_t object;
  uint16_t reason;
};
KnownObject known_objects[kObjectSlots];

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

// Until `visit` is false. `fetch` sees each record kAhead before `visit` does.
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
      if (!visit(record)) return;
    }
  }
}

void WriteUses(uint32_t object, const runtime_abi::ObjectUses& uses) {
  constexpr uint32_t kMost = runtime_abi::kUseSides * runtime_abi::kUsersOfSide + 1;
  if (!Box::Reserve(RegionId::kUses, uses_used + kMost)) return;
  for (uint32_t side = 0; side < runtime_abi::kUseSides; ++side) {
    for (uint32_t rank = 0; rank < runtime_abi::kUsersOfSide; ++rank) {
      const runtime_abi::ObjectUse& use = uses.of[side][rank];
      if (use.task == 0) break;
      *Box::At<wire::UseRecord>(RegionId::kUses, ++uses_used) = {use.site,         use.count, object,
                                                                 TaskOf(use.task), side,      rank};
    }
  }
  if (uses.others != 0)
    *Box::At<wire::UseRecord>(RegionId::kUses, ++uses_used) = {0, uses.others, object, 0, 0, 0};
}

uint32_t ObjectOf(const InsideAgent& inside, uint16_t reason, const void* address) {
  if (address == nullptr) return 0;
  const uint64_t seq = Box::Header()->snapshot.begin_seq;
  KnownObject& known = known_objects[(reinterpret_cast<uint64_t>(address) >> 4) * 0x9E3779B97F4A7C15u >> 54];
  if (known.address == address && known.reason == reason && known.seq == seq) return known.object;
  ObjectDescription description;
  if (!runtime->describe(reason, address, &description) || description.kind == 0) return 0;
  const auto kind = static_cast<wire::ObjectKind>(description.kind);
  const auto site = reinterpret_cast<uint64_t>(description.created_at);
  const bool is_numbered = description.number != 0 &&
                           Objects::Record(description.number)->address == reinterpret_cast<uint64_t>(address);
  const uint32_t object = is_numbered ? description.number : Objects::ByAddress(inside, kind, address, site);
  if (object == 0) return 0;
  wire::ObjectRecord* record = Objects::Record(object);
  if (site != 0) record->first_site = site;
  if (description.created_by != 0) record->created_by = TaskOf(description.created_by);
  record->value = description.length;
  record->extra = description.capacity;
  record->holder = TaskOf(description.holder);
  record->held_at = reinterpret_cast<uint64_t>(description.held_at);
  if (record->held_at != 0) Modules::Note(record->held_at);
  record->name = NameOf(description.name);
  record->flags = description.closed ? wire::kObjectClosed : 0;
  if (site != 0) Modules::Note(site);
  if (description.has_uses) WriteUses(object, description.uses);
  known = {address, seq, object, reason};
  return object;
}

// The locks of a task at one moment; false: they keep changing.
bool CopyHeld(const runtime_abi::HeldLocks* locks, runtime_abi::HeldLock* out, uint32_t* count) {
  for (int attempt = 0; attempt < kWalkTries; ++attempt) {
    const uint32_t version = locks->version.load(std::memory_order_acquire);
    *count = locks->count < runtime_abi::kMostHeld ? locks->count : runtime_abi::kMostHeld;
    memcpy(static_cast<void*>(out), locks->locks, *count * sizeof(*out));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if ((version & 1) == 0 && locks->version.load(std::memory_order_relaxed) == version) return true;
  }
  return false;
}

// Writes what `record` has to region kHeld.
void WriteHeld(const InsideAgent& inside, const GoroutineRecord& record, GoroutineState* out) {
  const runtime_abi::HeldLocks* locks = record.held;
  if (locks == nullptr || locks->count == 0) return;
  static runtime_abi::HeldLock held[runtime_abi::kMostHeld];
  uint32_t count = 0;
  if (!CopyHeld(locks, held, &count)) return;
  if (locks->unlisted != 0) Box::Count(wire::Loss::kHeld);
  if (!Box::Reserve(RegionId::kHeld, held_used + count)) {
    Box::Count(wire::Loss::kSnapshotSpace);
    return;
  }
  out->held = held_used + 1;
  out->held_count = count;
  for (uint32_t i = 0; i < count; ++i) {
    *Box::At<wire::HeldLock>(RegionId::kHeld, ++held_used) = {
        ObjectOf(inside, held[i].wait_reason, held[i].object), held[i].flags, 1, held[i].site, 0};
    if ((held[i].site & wire::kSiteIsStack) == 0) Modules::Note(held[i].site);
  }
}

// Writes the cases of its select to region kCases.
void WriteCases(const InsideAgent& inside, const GoroutineRecord& record, GoroutineState* out) {
  runtime_abi::WaitingCase cases[runtime_abi::kMostCases];
  const uint32_t count = runtime->cases(&record, cases);
  if (count == 0 || !Box::Reserve(RegionId::kCases, cases_used + count)) return;
  out->cases = cases_used + 1;
  out->case_count = count;
  for (uint32_t i = 0; i < count; ++i) {
    const auto reason = cases[i].sends ? wire::WaitReason::kChanSend : wire::WaitReason::kChanReceive;
    *Box::At<wire::CaseRecord>(RegionId::kCases, ++cases_used) = {
        ObjectOf(inside, static_cast<uint16_t>(reason), cases[i].channel), cases[i].sends};
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
            .labels = LabelsOf(copy.labels),
            .creation = copy.creation,
            .task = wire::kFirstGoroutine + static_cast<uint32_t>(copy.id),
            .creator = TaskOf(copy.creator),
            .object = waits ? ObjectOf(inside, copy.wait_reason, copy.wait_object) : 0,
            .stack = StackOf(inside, copy, buffer),
            .create_stack = Creations::StackOf(copy.creation),
            .name = NameOf(copy.name),
            .wait_reason = waits ? copy.wait_reason : uint16_t{0},
            .state = static_cast<uint8_t>(StateOf(copy.state)),
            .flags = FlagsOf(copy.flags, copy.kind),
            .tid = copy.tid,
            .held = 0,
            .held_count = 0,
            .cases = 0,
            .case_count = 0};
    WriteHeld(inside, record, out);
    if (waits && copy.wait_object == nullptr) WriteCases(inside, record, out);
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

void SetUsed(RegionId region, uint32_t used) {
  Box::Header()->regions[static_cast<size_t>(region)].used = used;
}

void FindThreads() {
  known_thread_count = thread_wait_count = 0;
  ForEachRecord(&FetchNothing, [](const GoroutineRecord& record) {
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
    const uint32_t labels = LabelsOf(copy.labels);
    if (IsSame(record, copy)) known_threads[i].labels = labels;
  }
  if (copy.state != AbiState::kWaiting || thread_wait_count == kMostThreads) return;
  thread_waits[thread_wait_count++] = {
      copy.tid, copy.wait_reason, ObjectOf(inside, copy.wait_reason, copy.wait_object),
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
  memset(static_cast<void*>(known_names), 0, sizeof(known_names));
  memset(static_cast<void*>(known_labels), 0, sizeof(known_labels));
}

uint32_t Goroutines::Record(const InsideAgent& inside, StackBuffer* buffer) {
  known_thread_count = thread_wait_count = held_used = cases_used = uses_used = 0;
  if (!IsAttached()) return 0;
  FindThreads();
  uint32_t count = 0;
  ForEachRecord(&FetchStack, [&](const GoroutineRecord& record) {
    if (record.kind == runtime_abi::kThread) {
      NoteThread(inside, record);
      return true;
    }
    if (!Box::Reserve(RegionId::kGoroutines, count + 1)) {
      Box::Count(wire::Loss::kSnapshotSpace);
      return false;
    }
    if (Describe(inside, record, buffer, Box::At<GoroutineState>(RegionId::kGoroutines, count + 1))) ++count;
    return true;
  });
  SetUsed(RegionId::kHeld, held_used);
  SetUsed(RegionId::kCases, cases_used);
  SetUsed(RegionId::kUses, uses_used);
  return count;
}

uint32_t Goroutines::Task(uint64_t id) {
  FindThreads();
  return TaskOf(id);
}

uint32_t Goroutines::Object(const InsideAgent& inside, uint16_t wait_reason, const void* address) {
  return ObjectOf(inside, wait_reason, address);
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

uint64_t Goroutines::ReleaseClock() {
  return IsAttached() ? runtime->release_clock->load(std::memory_order_acquire) : 0;
}

void Goroutines::AddThreadHeld(const InsideAgent& inside, wire::TaskRecord* copy) {
  const RuntimeThread* known = nullptr;
  for (uint32_t i = 0; i < known_thread_count; ++i) {
    if (known_threads[i].tid == copy->tid) known = &known_threads[i];
  }
  if (known == nullptr || known->record->held == nullptr || copy->held_more != 0) return;
  static runtime_abi::HeldLock held[runtime_abi::kMostHeld];
  uint32_t count = 0;
  if (!CopyHeld(known->record->held, held, &count)) return;
  for (uint32_t i = 0; i < count && copy->held_count < wire::kHeldInline; ++i) {
    copy->held[copy->held_count++] = {ObjectOf(inside, held[i].wait_reason, held[i].object), held[i].flags, 1,
                                      held[i].site, 0};
  }
}

uint64_t Goroutines::PendingCalls() {
  return IsAttached() ? runtime->pending_calls->load(std::memory_order_acquire) : 0;
}

}  // namespace stray::agent
