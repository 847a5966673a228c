// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/lock_order.h"

#include "agent/recorder/box.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/record.h"
#include "agent/recorder/stacks.h"

namespace stray::agent {
namespace {

using wire::ChainEntry;
using wire::LockChainRecord;
using wire::RegionId;
using wire::Sighting;

constexpr uint32_t kMaxChain = 256;  // locks held at once; longer chains are counted as lost

uint32_t* index_slots = nullptr;  // chain ids by hash, open addressing
uint64_t index_mask = 0;
SpinLock lock;

void WriteEntry(ChainEntry* entry, uint32_t object, uint32_t flags, wire::Site site) {
  entry->object = object;
  entry->flags = flags;
  entry->site = site;
  Objects::Pin(object);
  if ((site & wire::kSiteIsStack) == 0) Modules::Note(site);
}

// A chain record for what `thread` holds below entry `below_count`, followed by the given lock.
uint32_t AddChain(const Thread* thread, uint32_t below_count, const wire::HeldLock& last) {
  const uint32_t count = below_count + 1;
  const uint64_t pool = count > kMaxChain ? 0 : Box::AllocatePool(count * sizeof(ChainEntry));
  const uint32_t id = pool == 0 ? 0 : Box::Append(RegionId::kChains);
  if (id == 0) {
    Box::Count(wire::Loss::kChains);
    return 0;
  }
  auto* entries = static_cast<ChainEntry*>(Box::PoolAt(pool));
  for (uint32_t i = 0; i < below_count; ++i) {
    WriteEntry(&entries[i], thread->held[i].object, thread->held[i].flags, thread->held[i].site);
  }
  WriteEntry(&entries[below_count], last.object, last.flags, last.site);
  auto* record = Box::At<LockChainRecord>(RegionId::kChains, id);
  record->entries = pool;
  record->entry_count = count;
  __atomic_store_n(&record->hash, last.chain, __ATOMIC_RELEASE);
  return id;
}

uint32_t FindOrAdd(const Thread* thread, uint32_t below_count, const wire::HeldLock& last) {
  for (uint64_t i = last.chain >> 9;; ++i) {
    uint32_t& slot = index_slots[i & index_mask];
    if (slot == 0) return slot = AddChain(thread, below_count, last);
    if (Box::At<LockChainRecord>(RegionId::kChains, slot)->hash == last.chain) return slot;
  }
}

// A task is kept with the epoch of its first sighting, apart from those of all others: what it did before it
// created a task and after it joined it says nothing of the time between.
constexpr uint32_t kSpansOfTask = 2;

// Dates the sighting of `thread` if it is not its first; false if it is.
bool UpdateKnownSighting(LockChainRecord* record, const wire::TaskRecord* task) {
  Sighting* latest = nullptr;
  uint32_t spans = 0;
  const uint32_t kept =
      record->sighting_count < wire::kChainSightings ? record->sighting_count : wire::kChainSightings;
  for (uint32_t i = 0; i < kept; ++i) {
    Sighting* sighting = &record->sightings[i];
    if (sighting->task != task->serial) continue;
    ++spans;
    if (latest == nullptr || sighting->first_life > latest->first_life) latest = sighting;
  }
  if (latest == nullptr) return false;
  if (latest->last_life == task->life_epoch || spans == kSpansOfTask || kept == wire::kChainSightings) {
    latest->last_life = task->life_epoch;
    return true;
  }
  record->sightings[kept] = {task->serial, latest->stack, task->life_epoch, task->life_epoch};
  __atomic_store_n(&record->sighting_count, kept + 1, __ATOMIC_RELEASE);
  return true;
}

// Dates the sighting of `thread`; true if it is a new one, and so deserves a stack. The first half of what is
// kept are the first tasks, the second half the latest: early ones may all have been joined when a late one
// meets another.
bool UpdateSighting(LockChainRecord* record, const Thread* thread, Sighting** where) {
  const wire::TaskRecord* task = thread->record;
  if (UpdateKnownSighting(record, task)) return false;
  constexpr uint32_t kFirst = wire::kChainSightings / 2;
  const uint32_t n = record->sighting_count++;
  *where = &record->sightings[n < wire::kChainSightings ? n : kFirst + n % (wire::kChainSightings - kFirst)];
  (*where)->task = task->serial;
  (*where)->stack = 0;
  (*where)->first_life = (*where)->last_life = task->life_epoch;
  return true;
}

void RecordChain(const InsideAgent& inside, Thread* thread, uint32_t below_count, const wire::HeldLock& last) {
  const uint64_t key = SeenKey(thread, last.chain);
  thread->seen_chains[key >> 56] = key;
  Sighting* fresh = nullptr;
  {
    SpinGuard guard(lock);
    const uint32_t id = FindOrAdd(thread, below_count, last);
    if (id == 0 || !UpdateSighting(Box::At<LockChainRecord>(RegionId::kChains, id), thread, &fresh)) return;
  }
  // Outside the lock: walking may take a while the first time. Meanwhile the place may have gone to a later
  // task.
  const uint32_t stack = Stacks::CaptureHere(inside);
  SpinGuard guard(lock);
  if (fresh->task == thread->record->serial) fresh->stack = stack;
}

}  // namespace

bool LockOrder::Initialize() {
  if (index_slots == nullptr) {
    index_mask = Box::Header()->regions[static_cast<size_t>(RegionId::kChains)].capacity * 2 - 1;
    index_slots = static_cast<uint32_t*>(PrivateAlloc((index_mask + 1) * sizeof(uint32_t)));
  }
  lock.Unlock();
  return index_slots != nullptr;
}

__attribute__((noinline)) void RecordChainSlow(Thread* thread) {
  InsideAgent inside;
  const uint32_t count = CloseHoles(thread);
  if (count < 2) return;
  RecordChain(inside, thread, count - 1, thread->held[count - 1]);
}

void RecordWantedChain(const InsideAgent& inside, Thread* thread, uint32_t object, uint32_t flags,
                       wire::Site site) {
  const uint32_t count = thread->record->held_count;
  if (count == 0) return;
  wire::HeldLock wanted = {};
  wanted.object = object;
  wanted.flags = static_cast<uint16_t>(flags);
  wanted.site = site;
  wanted.chain = ExtendChain(thread->held[count - 1].chain, object, flags);
  if (!IsChainSeen(thread, wanted.chain)) RecordChain(inside, thread, count, wanted);
}

}  // namespace stray::agent
