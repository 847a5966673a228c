// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/goroutine_objects.h"

#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/walk_memory.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using runtime_abi::GoroutineRecord;
using runtime_abi::ObjectDescription;
using wire::GoroutineState;
using wire::RegionId;

constexpr int kCopyTries = 3;
constexpr int kHolderLooks = 3;
constexpr uint32_t kNameSlots = 1024;
constexpr uint32_t kObjectSlots = 1024;

// All below is of the one snapshot that is being taken.
const runtime_abi::RuntimeDescriptor* runtime = nullptr;
// Of the regions kHeld, kCases and kUses.
uint32_t held_used = 0, cases_used = 0, uses_used = 0;

// Names are few, and kept by the runtime for ever: found again by address. Several threads may be at it, and
// the copy that a snapshot is taken in: a slot that one of them writes has kBusy for its name.
struct KnownName {
  uint64_t name;
  uint32_t string;
};
constexpr uint64_t kBusy = 1;

// Many have the labels of one set, which may be given back at any time: what was copied counts only if the
// record still names the set afterwards.
struct KnownLabels {
  const runtime_abi::LabelText* labels;
  uint64_t seq;
  uint32_t string;
};

// In the black box, so that what a copy of the process has written there once is not written again.
struct KnownStrings {
  KnownName names[kNameSlots];
  KnownLabels labels[kNameSlots];
};
KnownStrings* known_strings = nullptr;

// Null: no room.
KnownStrings* Known() {
  KnownStrings* known = __atomic_load_n(&known_strings, __ATOMIC_ACQUIRE);
  if (STRAY_LIKELY(known != nullptr)) return known;
  const uint64_t place = Box::AllocatePool(sizeof(KnownStrings));
  if (place == 0) return nullptr;
  auto* made = static_cast<KnownStrings*>(Box::PoolAt(place));
  const bool is_first =
      __atomic_compare_exchange_n(&known_strings, &known, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  return is_first ? made : known;
}

uint32_t NameOf(const char* name) {
  if (name == nullptr) return 0;
  KnownStrings* known = Known();
  if (known == nullptr) return Box::AddString(name);
  const auto address = reinterpret_cast<uint64_t>(name);
  KnownName& slot = known->names[(address >> 3) * 0x9E3779B97F4A7C15u >> 54];
  uint64_t seen = __atomic_load_n(&slot.name, __ATOMIC_ACQUIRE);
  if (seen == address) {
    const uint32_t string = __atomic_load_n(&slot.string, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&slot.name, __ATOMIC_RELAXED) == address) return string;
  }
  const uint32_t string = Box::AddString(name);
  if (seen != kBusy &&
      __atomic_compare_exchange_n(&slot.name, &seen, kBusy, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    __atomic_store_n(&slot.string, string, __ATOMIC_RELEASE);
    __atomic_store_n(&slot.name, address, __ATOMIC_RELEASE);
  }
  return string;
}

uint32_t LabelsOf(const runtime_abi::LabelText* labels) {
  if (labels == nullptr) return 0;
  KnownStrings* strings = Known();
  if (strings == nullptr) return 0;
  KnownLabels& known = strings->labels[(reinterpret_cast<uint64_t>(labels) >> 4) * 0x9E3779B97F4A7C15u >> 54];
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

// As UseRecord has it.
uint32_t EndedMs(int64_t ended_ns) {
  if (ended_ns <= 0) return 0;
  const uint64_t now = CoarseNow(), end = static_cast<uint64_t>(ended_ns);
  const uint64_t ms = now <= end ? 0 : (now - end) / 1'000'000;
  return ms >= UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(ms) + 1;
}

void WriteUses(uint32_t object, const ObjectDescription& description) {
  const runtime_abi::ObjectUses& uses = description.uses;
  constexpr uint32_t kMost = runtime_abi::kUseSides * runtime_abi::kUsersOfSide + 1;
  if (!Box::Reserve(RegionId::kUses, uses_used + kMost)) return;
  for (uint32_t side = 0; side < runtime_abi::kUseSides; ++side) {
    for (uint32_t rank = 0; rank < runtime_abi::kUsersOfSide; ++rank) {
      const runtime_abi::ObjectUse& use = uses.of[side][rank];
      if (use.task == 0) break;
      auto* record = Box::At<wire::UseRecord>(RegionId::kUses, ++uses_used);
      *record = {use.site, use.count, object,           Goroutines::NumberOf(use.task),
                 side,     rank,      NameOf(use.name), EndedMs(description.ended_ns[side][rank])};
    }
  }
  if (uses.others != 0)
    *Box::At<wire::UseRecord>(RegionId::kUses, ++uses_used) = {0, uses.others, object, 0, 0, 0, 0, 0};
}

// Makes the object known as it is described.
uint32_t Keep(const InsideAgent& inside, const void* address, const ObjectDescription& description) {
  const auto kind = static_cast<wire::ObjectKind>(description.kind);
  const auto site = reinterpret_cast<uint64_t>(description.created_at);
  const bool is_numbered = description.number != 0 &&
                           Objects::Record(description.number)->address == reinterpret_cast<uint64_t>(address);
  const uint32_t object = is_numbered ? description.number : Objects::ByAddress(inside, kind, address, site);
  if (object == 0) return 0;
  wire::ObjectRecord* record = Objects::Record(object);
  if (site != 0) record->first_site = site;
  if (description.created_by != 0) record->created_by = Goroutines::NumberOf(description.created_by);
  record->value = description.length;
  record->extra = description.capacity;
  record->holder = Goroutines::NumberOf(description.holder);
  record->held_at = reinterpret_cast<uint64_t>(description.held_at);
  if (record->held_at != 0) Modules::Note(record->held_at);
  record->name = NameOf(description.name);
  record->flags = description.closed ? wire::kObjectClosed : 0;
  if (site != 0) Modules::Note(site);
  return object;
}

uint32_t ObjectOf(const InsideAgent& inside, uint16_t reason, const void* address) {
  if (address == nullptr) return 0;
  const uint64_t seq = Box::Header()->snapshot.begin_seq;
  KnownObject& known = known_objects[(reinterpret_cast<uint64_t>(address) >> 4) * 0x9E3779B97F4A7C15u >> 54];
  if (known.address == address && known.reason == reason && known.seq == seq) return known.object;
  static ObjectDescription description;
  if (!runtime->describe(reason, address, &description) || description.kind == 0) return 0;
  const uint32_t object = Keep(inside, address, description);
  if (object == 0) return 0;
  if (description.has_uses) WriteUses(object, description);
  known = {address, seq, object, reason};
  return object;
}

// The locks of a task at one moment; false: they keep changing.
bool CopyHeld(const runtime_abi::HeldLocks* locks, runtime_abi::HeldLock* out, uint32_t* count) {
  for (int attempt = 0; attempt < kCopyTries; ++attempt) {
    const uint32_t version = locks->version.load(std::memory_order_acquire);
    *count = locks->count < runtime_abi::kMostHeld ? locks->count : runtime_abi::kMostHeld;
    memcpy(static_cast<void*>(out), locks->locks, *count * sizeof(*out));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if ((version & 1) == 0 && locks->version.load(std::memory_order_relaxed) == version) return true;
  }
  return false;
}

void SetUsed(RegionId region, uint32_t used) {
  Box::Header()->regions[static_cast<size_t>(region)].used = used;
}

}  // namespace

void GoroutineObjects::Begin(const runtime_abi::RuntimeDescriptor* descriptor) {
  runtime = descriptor;
  held_used = cases_used = uses_used = 0;
}

void GoroutineObjects::End() {
  SetUsed(RegionId::kHeld, held_used);
  SetUsed(RegionId::kCases, cases_used);
  SetUsed(RegionId::kUses, uses_used);
}

void GoroutineObjects::Forget() { known_strings = nullptr; }

uint32_t GoroutineObjects::Name(const char* name) { return NameOf(name); }
uint32_t GoroutineObjects::Labels(const runtime_abi::LabelText* labels) { return LabelsOf(labels); }

uint32_t GoroutineObjects::Object(const InsideAgent& inside, uint16_t reason, const void* address) {
  return ObjectOf(inside, reason, address);
}

uint32_t GoroutineObjects::Find(const InsideAgent& inside, const runtime_abi::RuntimeDescriptor* of,
                                uint16_t reason, const void* address) {
  if (address == nullptr) return 0;
  ObjectDescription description;
  if (!of->describe(reason, address, &description) || description.kind == 0) return 0;
  return Keep(inside, address, description);
}

void GoroutineObjects::CheckHolder(const InsideAgent&, const GoroutineState& waiter) {
  wire::ObjectRecord* record = Objects::Record(waiter.object);
  ObjectDescription description;
  uint32_t holder = 0;
  for (int look = 0; look < kHolderLooks; ++look) {
    const bool is_there =
        runtime->describe(waiter.wait_reason, reinterpret_cast<const void*>(waiter.wait_address), &description);
    const uint32_t now = is_there ? Goroutines::NumberOf(description.holder) : 0;
    if (look != 0 && now != holder) {
      record->holder = 0;
      return;
    }
    holder = now;
  }
  record->holder = holder;
  record->held_at = reinterpret_cast<uint64_t>(description.held_at);
}

void GoroutineObjects::WriteHeld(const InsideAgent& inside, const GoroutineRecord& record,
                                 GoroutineState* out) {
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

void GoroutineObjects::WriteCases(const InsideAgent& inside, const GoroutineRecord& record,
                                  GoroutineState* out) {
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

void GoroutineObjects::AddHeld(const InsideAgent& inside, const GoroutineRecord& record,
                               wire::TaskRecord* copy) {
  if (record.held == nullptr || copy->held_more != 0) return;
  static runtime_abi::HeldLock held[runtime_abi::kMostHeld];
  uint32_t count = 0;
  if (!CopyHeld(record.held, held, &count)) return;
  for (uint32_t i = 0; i < count && copy->held_count < wire::kHeldInline; ++i) {
    copy->held[copy->held_count++] = {ObjectOf(inside, held[i].wait_reason, held[i].object), held[i].flags, 1,
                                      held[i].site, 0};
  }
}

}  // namespace stray::agent
