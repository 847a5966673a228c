// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/objects.h"

#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/modules.h"

namespace stray::agent {
namespace {

using wire::ObjectKind;
using wire::ObjectRecord;
using wire::RegionId;

constexpr int kMutexTypeMask = 3;
constexpr int kRobustBit = 16, kPrioInheritBit = 32, kSharedBit = 128;

// Open addressing by address. Entries are never removed, only given a new object; there are at most as many as
// addresses that ever held a synchronization object.
struct Slot {
  uint64_t address;
  uint32_t object;
  uint32_t reserved;
};

Slot* slots = nullptr;
uint64_t slot_mask = 0;
uint8_t* pinned = nullptr;  // by object: 1 if something refers to it for good
SpinLock lock;

uint64_t Hash(uint64_t address) { return (address >> 2) * 0x9E3779B97F4A7C15u >> 20; }

Slot* Locate(uint64_t address) {
  for (uint64_t i = Hash(address), probes = 0; probes <= slot_mask; ++i, ++probes) {
    Slot* slot = &slots[i & slot_mask];
    if (slot->address == address || slot->address == 0) return slot;
  }
  return nullptr;
}

// A record for a new object at `slot`'s address; the one of its predecessor there if nobody refers to that.
uint32_t NewRecord(Slot* slot) {
  uint32_t previous = slot->object;
  if (previous != 0 && pinned[previous] == 0) return previous;
  if (previous != 0) Objects::Record(previous)->flags |= wire::kObjectDestroyed;
  return Box::Append(RegionId::kObjects);
}

bool OnOwnStack(const void* address) {
  // Within the frames that are in use above ours: what lies there goes when they return.
  char here;
  uint64_t distance = reinterpret_cast<uint64_t>(address) - reinterpret_cast<uint64_t>(&here);
  return distance < (1u << 20);
}

// Of a new condition. Threads may still count waits on one that had the same record, perhaps with something
// else between the two, so the number cannot come from the record. The steps of the golden ratio keep what
// broadcasts add to one away from all others. Called with the lock held.
uint32_t FirstGeneration() {
  static constinit uint32_t last = 0;
  return last += 0x9E3779B1u;
}

// Makes a new object at `address`. Called with the lock held.
uint32_t AddLocked(ObjectKind kind, const void* address, wire::Site site) {
  Slot* slot = Locate(reinterpret_cast<uint64_t>(address));
  uint32_t object = slot == nullptr ? 0 : NewRecord(slot);
  if (object == 0) {
    Box::Count(wire::Loss::kObjects);
    return 0;
  }
  slot->address = reinterpret_cast<uint64_t>(address);
  slot->object = object;
  ObjectRecord* record = Objects::Record(object);
  memset(static_cast<void*>(record), 0, sizeof(*record));
  record->kind = static_cast<uint8_t>(kind);
  record->holder = kind == ObjectKind::kCondition ? FirstGeneration() : 0;
  record->flags = OnOwnStack(address) ? wire::kObjectOnStack : 0;
  record->created_by = tls.self == nullptr ? 0 : tls.self->record->serial;
  record->first_site = site;
  __atomic_store_n(&record->address, reinterpret_cast<uint64_t>(address), __ATOMIC_RELEASE);
  if ((site & wire::kSiteIsStack) == 0) Modules::Note(site);
  return object;
}

uint32_t FindLocked(ObjectKind kind, const void* address) {
  const Slot* slot = Locate(reinterpret_cast<uint64_t>(address));
  if (slot == nullptr || slot->address == 0 || slot->object == 0) return 0;
  const ObjectRecord* record = Objects::Record(slot->object);
  if ((record->flags & wire::kObjectDestroyed) != 0) return 0;
  return kind == ObjectKind::kNone || record->kind == static_cast<uint8_t>(kind) ? slot->object : 0;
}

uint32_t FindOrAdd(ObjectKind kind, const void* address, wire::Site site) {
  SpinGuard guard(lock);
  uint32_t object = FindLocked(kind, address);
  return object != 0 ? object : AddLocked(kind, address, site);
}

uint16_t MutexFlags(const pthread_mutex_t* mutex) {
  const int kind = mutex->__data.__kind;
  uint16_t flags = 0;
  if ((kind & kMutexTypeMask) == PTHREAD_MUTEX_RECURSIVE_NP) flags |= wire::kObjectRecursive;
  if ((kind & kMutexTypeMask) == PTHREAD_MUTEX_ERRORCHECK_NP) flags |= wire::kObjectErrorCheck;
  if ((kind & kRobustBit) != 0) flags |= wire::kObjectRobust;
  if ((kind & kPrioInheritBit) != 0) flags |= wire::kObjectPrioInherit;
  if ((kind & kSharedBit) != 0) flags |= wire::kObjectShared;
  return flags;
}

bool IsBlank(const LockTag* tag, const pthread_mutex_t*) { return tag->check == 0 && tag->object == 0; }
bool IsBlank(const RwlockTag* tag, pthread_rwlock_t* rwlock) {
  return (tag->check == 0 && tag->object == 0) || HasTombstone(rwlock);
}

void WriteTag(LockTag* tag, uint32_t object, uint32_t check) {
  tag->object = object;
  tag->sequence = 0;
  __atomic_store_n(&tag->check, check, __ATOMIC_RELEASE);
}
void WriteTag(RwlockTag* tag, uint32_t object, uint32_t check) {
  tag->object = object;
  __atomic_store_n(&tag->check, check, __ATOMIC_RELEASE);
}

// Finds or makes the object of a lock whose tag was not valid, and tags it. A blank tag is a lock that was just
// constructed; any other is garbage, a copy, or of another process that shares the memory: then the address
// decides. All of it under our lock: threads that meet at a new lock must agree on one object, or the one that
// took it as an object and gives it back as another would hold it for ever.
template <typename Lock>
uint32_t ResolveTag(ObjectKind kind, Lock* subject, wire::Site site, uint16_t flags) {
  SpinGuard guard(lock);
  auto* tag = TagOf(subject);
  uint32_t object = Objects::FromTag(tag, subject);
  if (object != 0) return object;
  object = IsBlank(tag, subject) ? 0 : FindLocked(kind, subject);
  if (object != 0) {
    Objects::Record(object)->flags |= wire::kObjectShared;
  } else {
    object = AddLocked(kind, subject, site);
    if (object == 0) return 0;
    Objects::Record(object)->flags |= flags;
  }
  WriteTag(tag, object, TagCheck(subject));
  return object;
}

}  // namespace

uint64_t tag_cookie = 0;

bool Objects::Initialize() {
  const uint64_t capacity = Box::Header()->regions[static_cast<size_t>(RegionId::kObjects)].capacity;
  if (slots == nullptr) {
    slot_mask = capacity * 2 - 1;
    slots = static_cast<Slot*>(PrivateAlloc(sizeof(Slot) * (slot_mask + 1)));
    pinned = static_cast<uint8_t*>(PrivateAlloc(capacity + 1));
  }
  // Another cookie in each process: tags inherited through fork are foreign.
  tag_cookie = (PreciseNow() << 20) ^ (static_cast<uint64_t>(RawPid()) * 0xD6E8FEB86659FD93u);
  lock.Unlock();
  return slots != nullptr && pinned != nullptr;
}

uint32_t Objects::Mutex(const InsideAgent&, pthread_mutex_t* mutex, wire::Site site) {
  if (!MayTag(mutex)) {
    uint32_t object = FindOrAdd(ObjectKind::kMutex, mutex, site);
    if (object != 0) Record(object)->flags |= MutexFlags(mutex);
    return object;
  }
  const uint32_t object = FromTag(TagOf(mutex), mutex);
  return object != 0 ? object : ResolveTag(ObjectKind::kMutex, mutex, site, MutexFlags(mutex));
}

uint32_t Objects::Rwlock(const InsideAgent&, pthread_rwlock_t* rwlock, wire::Site site) {
  const uint16_t flags =
      rwlock->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP ? wire::kObjectPrefersWriter : 0;
  if (!MayTag(rwlock)) {
    uint32_t object = FindOrAdd(ObjectKind::kRwlock, rwlock, site);
    if (object != 0) Record(object)->flags |= flags | wire::kObjectShared;
    return object;
  }
  const uint32_t object = FromTag(TagOf(rwlock), rwlock);
  return object != 0 ? object : ResolveTag(ObjectKind::kRwlock, rwlock, site, flags);
}

uint32_t Objects::ByAddress(const InsideAgent&, ObjectKind kind, const void* address, wire::Site site) {
  return FindOrAdd(kind, address, site);
}

STRAY_NEARBY uint32_t Objects::Cached(Thread* thread, ObjectKind kind, const void* address, wire::Site site) {
  ObjectEntry& entry = thread->objects[Hash(reinterpret_cast<uint64_t>(address)) % kObjectCache];
  if (STRAY_LIKELY(entry.address == address)) {
    // Who uses an object while another thread destroys it has lost anyway: no lock is needed for this look.
    const ObjectRecord* record = Record(entry.object);
    if (record->address == reinterpret_cast<uint64_t>(address) && record->kind == static_cast<uint8_t>(kind) &&
        (record->flags & wire::kObjectDestroyed) == 0) {
      return entry.object;
    }
  }
  InsideAgent inside;
  const uint32_t object = ByAddress(inside, kind, address, site);
  if (object != 0) entry = {address, object};
  return object;
}

uint32_t Objects::Find(const InsideAgent&, ObjectKind kind, const void* address) {
  SpinGuard guard(lock);
  return FindLocked(kind, address);
}

uint32_t Objects::FindDestroyed(const InsideAgent&, ObjectKind kind, const void* address) {
  SpinGuard guard(lock);
  const Slot* slot = Locate(reinterpret_cast<uint64_t>(address));
  if (slot == nullptr || slot->address == 0 || slot->object == 0) return 0;
  const ObjectRecord* record = Record(slot->object);
  const bool destroyed = (record->flags & wire::kObjectDestroyed) != 0;
  return destroyed && record->kind == static_cast<uint8_t>(kind) ? slot->object : 0;
}

uint32_t Objects::FindAny(const InsideAgent&, const void* address) {
  SpinGuard guard(lock);
  return FindLocked(ObjectKind::kNone, address);
}

uint32_t Objects::Initialized(const InsideAgent&, ObjectKind kind, const void* address, wire::Site site,
                              uint32_t create_stack) {
  SpinGuard guard(lock);
  uint32_t object = AddLocked(kind, address, site);
  if (object != 0) Record(object)->create_stack = create_stack;
  return object;
}

void Objects::Destroyed(const InsideAgent&, const void* address) {
  SpinGuard guard(lock);
  uint32_t object = FindLocked(ObjectKind::kNone, address);
  if (object != 0) Record(object)->flags |= wire::kObjectDestroyed;
}

ObjectRecord* Objects::Record(uint32_t object) { return Box::At<ObjectRecord>(RegionId::kObjects, object); }

uint32_t Objects::Count() {
  const wire::Region& region = Box::Header()->regions[static_cast<size_t>(RegionId::kObjects)];
  return static_cast<uint32_t>(__atomic_load_n(&region.used, __ATOMIC_ACQUIRE));
}

void Objects::TakeIn(const InsideAgent&, uint32_t count) {
  for (uint32_t object = count + 1, last = Count(); object <= last; ++object) {
    const ObjectRecord& record = *Record(object);
    SpinGuard guard(lock);
    if (record.address == 0 || (record.flags & wire::kObjectDestroyed) != 0) continue;
    const auto* address = reinterpret_cast<const void*>(record.address);
    Slot* slot = Locate(record.address);
    if (slot == nullptr || FindLocked(static_cast<ObjectKind>(record.kind), address) != 0) continue;
    slot->address = record.address;
    slot->object = object;
  }
}

void Objects::Pin(uint32_t object) { pinned[object] = 1; }

}  // namespace stray::agent
