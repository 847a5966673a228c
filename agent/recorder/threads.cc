// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/threads.h"

#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/condition_signals.h"
#include "agent/recorder/tests.h"
#include "agent/recorder/trace.h"

namespace stray::agent {
namespace {

using wire::RegionId;
using wire::TaskRecord;
using wire::TaskState;

constexpr uint32_t kHandleBuckets = 4096;
// Records of ended tasks are kept until this many slots are in use; then the oldest is taken again. They are
// what tells a second join from one of a stranger's handle. More of them would be cold whenever a thread is
// created.
constexpr uint32_t kKeepSlots = 256;

Thread* threads = nullptr;              // by slot
uint32_t* handle_buckets = nullptr;     // slot + 1
uint32_t* gone_slots = nullptr;         // ring of ended slots that may be reused, oldest first
uint64_t gone_head = 0, gone_tail = 0;  // next to take, next to add
uint32_t slot_limit = 0;
uint32_t next_serial = 0;
uint32_t end_counter = 0;
bool ends_are_watched = false;  // saves each ending thread a system call until the program ends
SpinLock lock;

uint32_t Bucket(uint64_t handle) {
  return static_cast<uint32_t>((handle >> 12) * 0x9E3779B1u >> 20) % kHandleBuckets;
}

void Unlink(Thread* thread) {
  uint32_t* link = &handle_buckets[Bucket(thread->record->handle)];
  while (*link != 0) {
    Thread* at = &threads[*link - 1];
    if (at == thread) {
      *link = thread->next_by_handle;
      thread->next_by_handle = 0;
      return;
    }
    link = &at->next_by_handle;
  }
}

void Link(Thread* thread, uint64_t handle) {
  thread->record->handle = handle;
  uint32_t* bucket = &handle_buckets[Bucket(handle)];
  thread->next_by_handle = *bucket;
  *bucket = thread->slot + 1;
}

bool CanReuse(const TaskRecord& record) {
  return record.state == static_cast<uint8_t>(TaskState::kFinished) &&
         (record.flags & (wire::kTaskJoined | wire::kTaskDetached)) != 0 && record.held_count == 0;
}

// Called with the lock held, once a task is both finished and out of everybody's reach.
void AddGone(Thread* thread) { gone_slots[gone_tail++ % slot_limit] = thread->slot; }

// Slots used so far, and those of them that were used before this process was forked: what their caches say of
// lock chains is about the parent's black box.
uint32_t highest_slot = 0;
uint32_t inherited_slots = 0;

// A slot for a new task: a fresh one while there are few, then the longest gone one.
Thread* TakeSlot() {
  const uint64_t used = Box::Header()->regions[static_cast<size_t>(RegionId::kTasks)].used;
  if (used >= kKeepSlots && gone_head != gone_tail) return &threads[gone_slots[gone_head++ % slot_limit]];
  uint32_t index = Box::Append(RegionId::kTasks);
  if (index == 0) {
    if (gone_head == gone_tail) return nullptr;
    return &threads[gone_slots[gone_head++ % slot_limit]];
  }
  if (index <= inherited_slots) memset(static_cast<void*>(&threads[index - 1]), 0, sizeof(Thread));
  if (index > highest_slot) highest_slot = index;
  threads[index - 1].slot = index - 1;
  threads[index - 1].record = Box::At<TaskRecord>(RegionId::kTasks, index);
  return &threads[index - 1];
}

// Asks for memory that is needed soon, with its translation.
void Fetch(const void* memory, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(memory) + at, 1);
}

}  // namespace

void Threads::FetchNext() {
  // Only a guess, so no lock is taken.
  const uint32_t slot = __atomic_load_n(&gone_slots[__atomic_load_n(&gone_head, __ATOMIC_RELAXED) % slot_limit],
                                        __ATOMIC_RELAXED);
  const Thread* thread = &threads[slot];
  Fetch(thread, offsetof(Thread, seen_chains));
  Fetch(Box::At<TaskRecord>(RegionId::kTasks, slot + 1), offsetof(TaskRecord, reserved1));
}

bool Threads::Initialize() {
  if (threads == nullptr) {
    slot_limit = static_cast<uint32_t>(Box::Header()->regions[static_cast<size_t>(RegionId::kTasks)].capacity);
    threads = static_cast<Thread*>(PrivateAlloc(sizeof(Thread) * slot_limit));
    handle_buckets = static_cast<uint32_t*>(PrivateAlloc(sizeof(uint32_t) * kHandleBuckets));
    gone_slots = static_cast<uint32_t*>(PrivateAlloc(sizeof(uint32_t) * slot_limit));
  }
  inherited_slots = highest_slot;
  gone_head = gone_tail = 0;
  next_serial = 0;
  end_counter = 0;
  ends_are_watched = false;
  lock.Unlock();
  return threads != nullptr && handle_buckets != nullptr && gone_slots != nullptr;
}

Thread* Threads::Create(const InsideAgent&, Thread* parent, uint32_t create_stack, uint64_t start_routine) {
  SpinGuard guard(lock);
  Thread* thread = TakeSlot();
  if (thread == nullptr) {
    Box::Count(wire::Loss::kTasks);
    return nullptr;
  }
  TaskRecord* record = thread->record;
  const uint32_t slot = thread->slot;
  // What a count or head makes invalid stays, and so do the caches at the end of Thread: a chain's key depends
  // on the life epoch, which no other thread has had, and what is known of an address holds for all threads.
  memset(static_cast<void*>(record), 0, offsetof(TaskRecord, held));
  // A snapshot may look at the slot meanwhile: what it follows (record, held, slot, walk_lock) is never
  // anything else than valid.
  memset(reinterpret_cast<char*>(thread) + offsetof(Thread, end_rounds), 0,
         offsetof(Thread, seen_chains) - offsetof(Thread, end_rounds));
  thread->slot = slot;
  thread->record = record;
  thread->held = record->held;
  thread->held_capacity = wire::kHeldInline;
  record->kind = static_cast<uint8_t>(wire::TaskKind::kThread);
  record->state = static_cast<uint8_t>(TaskState::kCreated);
  if (parent != nullptr && parent->makes_machines) record->flags = wire::kTaskMachine;
  record->parent = parent == nullptr ? 0 : parent->record->serial;
  record->create_stack = create_stack;
  record->test = parent == nullptr ? 0 : Tests::Of(parent);
  record->start_routine = start_routine;
  record->create_ns = CoarseNow();
  record->create_life = TickLife();
  record->life_epoch = record->create_life;
  if (parent != nullptr) parent->record->life_epoch = record->create_life;
  // Publishes the record: readers skip a record whose serial is 0.
  __atomic_store_n(&record->serial, ++next_serial, __ATOMIC_RELEASE);
  return thread;
}

void Threads::Discard(const InsideAgent&, Thread* thread) {
  SpinGuard guard(lock);
  if (thread->record->handle != 0) Unlink(thread);
  thread->record->state = static_cast<uint8_t>(TaskState::kFinished);
  thread->record->flags |= wire::kTaskJoined;
  __atomic_store_n(&thread->record->serial, 0, __ATOMIC_RELEASE);
  AddGone(thread);
}

void Threads::Created(const InsideAgent&, Thread* thread, uint32_t serial, pthread_t handle) {
  SpinGuard guard(lock);
  if (thread->record->serial == serial && thread->record->handle == 0) Link(thread, handle);
}

void Threads::Bind(const InsideAgent& inside, Thread* thread) {
  TaskRecord* record = thread->record;
  record->tid = RawTid();
  record->start_life = TickLife();
  {
    SpinGuard guard(lock);
    if (record->handle == 0) Link(thread, reinterpret_cast<uint64_t>(pthread_self()));
  }
  __atomic_store_n(&record->state, static_cast<uint8_t>(TaskState::kRunning), __ATOMIC_RELEASE);
  tls.self = thread;
  Trace::Begin(inside, thread);
}

void Threads::End(const InsideAgent& inside, Thread* thread) {
  TaskRecord* record = thread->record;
  Trace::End(inside, thread);
  FoldUsedSignals(thread);
  thread->walk_lock.Lock();  // a walker may still look at our stack
  record->end_ns = CoarseNow();
  record->end_life = TickLife();
  record->wait_reason = 0;
  if ((record->wait_seq & 1) != 0) ++record->wait_seq;  // cancelled in the middle of a wait
  {
    SpinGuard guard(lock);
    __atomic_store_n(&record->state, static_cast<uint8_t>(TaskState::kFinished), __ATOMIC_RELEASE);
    if ((record->flags & wire::kTaskDetached) != 0) {
      Unlink(thread);
      if (CanReuse(*record)) AddGone(thread);
    }
  }
  thread->walk_lock.Unlock();
  __atomic_fetch_add(&end_counter, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&ends_are_watched, __ATOMIC_SEQ_CST)) FutexWake(&end_counter);
}

Thread* Threads::Find(const InsideAgent&, pthread_t handle) {
  SpinGuard guard(lock);
  for (uint32_t at = handle_buckets[Bucket(handle)]; at != 0; at = threads[at - 1].next_by_handle) {
    if (threads[at - 1].record->handle == handle) return &threads[at - 1];
  }
  return nullptr;
}

wire::TaskRecord* Threads::FindGone(const InsideAgent&, pthread_t handle) {
  SpinGuard guard(lock);
  TaskRecord* newest = nullptr;
  for (uint32_t slot = 0; slot < SlotCount(); ++slot) {
    TaskRecord* record = threads[slot].record;
    if (record == nullptr || record->serial == 0 || record->handle != handle) continue;
    if ((record->flags & (wire::kTaskJoined | wire::kTaskDetached)) == 0) continue;
    if (newest == nullptr || record->serial > newest->serial) newest = record;
  }
  return newest;
}

void Threads::MarkJoined(const InsideAgent&, Thread* target, Thread* by) {
  SpinGuard guard(lock);
  TaskRecord* record = target->record;
  if ((record->flags & wire::kTaskJoined) != 0) return;
  record->join_life = TickLife();
  record->joined_by = by == nullptr ? 0 : by->record->serial;
  if (by != nullptr) by->record->life_epoch = record->join_life;
  record->flags |= wire::kTaskJoined;
  Unlink(target);
  if (CanReuse(*record)) AddGone(target);
}

void Threads::MarkDetached(const InsideAgent&, Thread* target) {
  SpinGuard guard(lock);
  TaskRecord* record = target->record;
  if ((record->flags & wire::kTaskDetached) != 0) return;
  record->flags |= wire::kTaskDetached;
  if (record->state == static_cast<uint8_t>(TaskState::kFinished)) {
    Unlink(target);
    if (CanReuse(*record)) AddGone(target);
  }
}

uint32_t Threads::SlotCount() {
  return static_cast<uint32_t>(
      __atomic_load_n(&Box::Header()->regions[static_cast<size_t>(RegionId::kTasks)].used, __ATOMIC_ACQUIRE));
}

Thread* Threads::At(uint32_t slot) { return &threads[slot]; }

uint32_t Threads::CountLive(const Thread* except) {
  uint32_t live = 0;
  for (uint32_t slot = 0; slot < SlotCount(); ++slot) {
    const Thread& thread = threads[slot];
    if (&thread == except || thread.record == nullptr || thread.record->serial == 0) continue;
    if ((thread.record->flags & wire::kTaskAgent) != 0) continue;
    if (__atomic_load_n(&thread.record->state, __ATOMIC_ACQUIRE) != static_cast<uint8_t>(TaskState::kFinished))
      ++live;
  }
  return live;
}

uint32_t* Threads::EndCounter() {
  __atomic_store_n(&ends_are_watched, true, __ATOMIC_SEQ_CST);
  return &end_counter;
}

uint32_t Threads::TickLife() { return __atomic_add_fetch(&Box::Header()->life_clock, 1, __ATOMIC_RELAXED); }

}  // namespace stray::agent
