// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/lock_order.h"

#include "agent/recorder/box.h"
#include "agent/recorder/lives.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/record.h"
#include "agent/recorder/stacks.h"
#include "agent/wire/goroutine_records.h"

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

// Who takes a lock: what a sighting says of it.
struct Taker {
  uint32_t task;
  uint32_t epoch;
  uint64_t clock, acquired;  // of goroutines: see wire::Sighting
};

Taker TakerOf(const Thread* thread) { return {thread->record->serial, thread->record->life_epoch, 0, 0}; }

// A chain record for `below_count` locks followed by the given one.
uint32_t AddChain(const wire::HeldLock* below, uint32_t below_count, const wire::HeldLock& last) {
  const uint32_t count = below_count + 1;
  const uint64_t pool = count > kMaxChain ? 0 : Box::AllocatePool(count * sizeof(ChainEntry));
  const uint32_t id = pool == 0 ? 0 : Box::Append(RegionId::kChains);
  if (id == 0) {
    Box::Count(wire::Loss::kChains);
    return 0;
  }
  auto* entries = static_cast<ChainEntry*>(Box::PoolAt(pool));
  for (uint32_t i = 0; i < below_count; ++i) {
    WriteEntry(&entries[i], below[i].object, below[i].flags, below[i].site);
  }
  WriteEntry(&entries[below_count], last.object, last.flags, last.site);
  auto* record = Box::At<LockChainRecord>(RegionId::kChains, id);
  record->entries = pool;
  record->entry_count = count;
  __atomic_store_n(&record->hash, last.chain, __ATOMIC_RELEASE);
  return id;
}

uint32_t FindOrAdd(const wire::HeldLock* below, uint32_t below_count, const wire::HeldLock& last) {
  for (uint64_t i = last.chain >> 9;; ++i) {
    uint32_t& slot = index_slots[i & index_mask];
    if (slot == 0) return slot = AddChain(below, below_count, last);
    if (Box::At<LockChainRecord>(RegionId::kChains, slot)->hash == last.chain) return slot;
  }
}

// A task is kept with the epoch of its first sighting, apart from those of all others: what it did before it
// created a task and after it joined it says nothing of the time between.
constexpr uint32_t kSpansOfTask = 2;

void DateLast(Sighting* sighting, const Taker& taker) {
  sighting->last_life = taker.epoch;
  sighting->last_clock = taker.clock;
  sighting->last_acquired = taker.acquired;
}

Sighting NewSighting(const Taker& taker, uint32_t stack) {
  return {taker.task,  stack,          taker.epoch, taker.epoch,
          taker.clock, taker.acquired, taker.clock, taker.acquired};
}

// Dates the sighting of `taker` if it is not its first; false if it is.
bool UpdateKnownSighting(LockChainRecord* record, const Taker& taker) {
  Sighting* latest = nullptr;
  uint32_t spans = 0;
  const uint32_t kept =
      record->sighting_count < wire::kChainSightings ? record->sighting_count : wire::kChainSightings;
  for (uint32_t i = 0; i < kept; ++i) {
    Sighting* sighting = &record->sightings[i];
    if (sighting->task != taker.task) continue;
    ++spans;
    if (latest == nullptr || sighting->first_life > latest->first_life) latest = sighting;
  }
  if (latest == nullptr) return false;
  if (latest->last_life == taker.epoch || spans == kSpansOfTask || kept == wire::kChainSightings) {
    DateLast(latest, taker);
    return true;
  }
  record->sightings[kept] = NewSighting(taker, latest->stack);
  __atomic_store_n(&record->sighting_count, kept + 1, __ATOMIC_RELEASE);
  return true;
}

// Dates the sighting of `taker`; true if it is a new one, and so deserves a stack. The first half of what is
// kept are the first tasks, the second half the latest: early ones may all have been joined when a late one
// meets another.
bool UpdateSighting(LockChainRecord* record, const Taker& taker, Sighting** where) {
  if (UpdateKnownSighting(record, taker)) return false;
  constexpr uint32_t kFirst = wire::kChainSightings / 2;
  const uint32_t n = record->sighting_count++;
  *where = &record->sightings[n < wire::kChainSightings ? n : kFirst + n % (wire::kChainSightings - kFirst)];
  **where = NewSighting(taker, 0);
  return true;
}

void RecordChain(const InsideAgent& inside, const Taker& taker, const wire::HeldLock* below,
                 uint32_t below_count, const wire::HeldLock& last) {
  Sighting* fresh = nullptr;
  {
    SpinGuard guard(lock);
    const uint32_t id = FindOrAdd(below, below_count, last);
    if (id == 0 || !UpdateSighting(Box::At<LockChainRecord>(RegionId::kChains, id), taker, &fresh)) return;
  }
  // Outside the lock: walking may take a while the first time. Meanwhile the place may have gone to a later
  // task.
  const uint32_t stack = Stacks::CaptureHere(inside);
  SpinGuard guard(lock);
  if (fresh->task == taker.task) fresh->stack = stack;
}

void RecordChainOf(const InsideAgent& inside, Thread* thread, uint32_t below_count,
                   const wire::HeldLock& last) {
  const uint64_t key = SeenKey(thread, last.chain);
  thread->seen_chains[key >> 56] = key;
  RecordChain(inside, TakerOf(thread), thread->held, below_count, last);
}

// The number of a lock of the goroutine runtime, which keeps it.
uint32_t ObjectOf(const InsideAgent& inside, const runtime_abi::HeldLock& taken) {
  uint32_t object = taken.number->load(std::memory_order_relaxed);
  if (object != 0) return object;
  const bool is_rwlock = taken.wait_reason != static_cast<uint16_t>(wire::WaitReason::kSyncMutexLock);
  object = Objects::Initialized(inside, is_rwlock ? wire::ObjectKind::kRwlock : wire::ObjectKind::kMutex,
                                taken.object, taken.site, 0);
  if (object == 0) return 0;
  uint32_t none = 0;
  return taken.number->compare_exchange_strong(none, object, std::memory_order_relaxed) ? object : none;
}

wire::HeldLock EntryOf(const InsideAgent& inside, const runtime_abi::HeldLock& taken, uint32_t position,
                       uint64_t below) {
  static_assert(int{runtime_abi::kHeldForReading} == int{wire::kHeldRead});
  static_assert(int{runtime_abi::kHeldByTry} == int{wire::kHeldTry});
  const uint32_t object = ObjectOf(inside, taken);
  const uint64_t chain =
      position == 0 ? FirstInChain(object, taken.flags) : ExtendChain(below, object, taken.flags);
  return {object, taken.flags, 1, taken.site, chain};
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
  RecordChainOf(inside, thread, count - 1, thread->held[count - 1]);
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
  if (!IsChainSeen(thread, wanted.chain)) RecordChainOf(inside, thread, count, wanted);
}

void RecordGoroutineChain(const InsideAgent& inside, Thread* thread, runtime_abi::GoroutineRecord* task,
                          const runtime_abi::HeldLock* held, uint32_t count,
                          const runtime_abi::HeldLock& wanted, uint64_t clock) {
  if (count > runtime_abi::kMostHeld) return;
  wire::HeldLock chain[runtime_abi::kMostHeld + 1];
  for (uint32_t i = 0; i < count; ++i) {
    chain[i] = EntryOf(inside, held[i], i, i == 0 ? 0 : chain[i - 1].chain);
    if (chain[i].object == 0) return;
  }
  wire::HeldLock& last = chain[count];
  last = EntryOf(inside, wanted, count, chain[count - 1].chain);
  if (last.object == 0) return;
  const uint64_t id = task->id.load(std::memory_order_relaxed);
  const uint64_t key =
      (last.chain ^ id * 0xD6E8FEB86659FD93u ^ task->acquired_at * 0xA0761D6478BD642Fu ^ task->life.forks) *
      0x9E3779B97F4A7C15u;
  Lives::GoOn(task);
  if (thread->seen_chains[key >> 56] == key) return;
  thread->seen_chains[key >> 56] = key;
  const bool is_thread = task->kind == runtime_abi::kThread;
  const Taker taker = is_thread ? TakerOf(thread)
                                : Taker{wire::kFirstGoroutine + static_cast<uint32_t>(id), task->life.forks,
                                        clock, task->acquired_at};
  if (!is_thread) task->life.teller = Lives::Number(task);
  RecordChain(inside, taker, chain, count, last);
}

}  // namespace stray::agent
