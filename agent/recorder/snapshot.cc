// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/snapshot.h"

#include <signal.h>
#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/hold.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/reach/reach.h"
#include "agent/recorder/shared_memory.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

using wire::ReachState;
using wire::RegionId;
using wire::SnapshotTask;
using wire::TaskRecord;
using wire::TaskState;

// How long a running thread has to answer the signal: on a busy machine it may have to wait for a processor.
constexpr uint64_t kAnswerNs = 1'000'000'000;
constexpr uint64_t kReturnNs = 100'000'000;  // to get a processor and sleep again
constexpr uint64_t kReturnPauseNs = 200'000;
constexpr int kWalkTries = 3;
constexpr uint64_t kLastWaitNs = 5'000'000'000;  // for a snapshot that another thread takes

// The hand-over of one running thread at a time: | slot of the thread : 30 | step : 2 |, a futex word. The
// wanted thread waits on it while its registers are in use, the taker while the thread has not answered. The
// slot keeps an answer that comes too late from being taken for that of the next thread.
enum Step : uint32_t { kIdle, kWanted, kOffered, kUsed };
uint32_t step_word = kIdle;

uint32_t StepWord(const Thread* thread, Step step) { return thread->slot << 2 | step; }

SpinLock snapshot_lock;
StackBuffer buffer;  // both under snapshot_lock; too big for a stranger's stack
constinit SharedRanges shared_ranges;
bool has_moved = false;  // a thread that was to stand still

// A copy of the process records the goroutines: they need not stand still for that. Until it has, their count
// is kNotRecorded. What it adds to the tables of the black box, it adds to indexes of its own.
constexpr uint32_t kNotRecorded = UINT32_MAX;
bool may_copy_record = true;  // until one has died of it
struct {
  uint32_t stacks, objects;
} known_before_copy;

bool IsFinished(const TaskRecord& record) { return record.state == static_cast<uint8_t>(TaskState::kFinished); }

bool IsWaiting(const Thread* thread) {
  return (__atomic_load_n(&thread->record->wait_seq, __ATOMIC_ACQUIRE) & 1) != 0;
}

// Belongs into the snapshot: alive, or ended and never joined, or ended with locks that others may want.
bool Belongs(const TaskRecord& record) {
  if (record.serial == 0 || (record.flags & wire::kTaskAgent) != 0) return false;
  return !IsFinished(record) || (record.flags & (wire::kTaskJoined | wire::kTaskDetached)) == 0 ||
         record.held_count > 0;
}

// Walks a blocked thread. 0 if it moved on meanwhile.
uint32_t WalkBlocked(const InsideAgent& inside, Thread* thread) {
  if (!thread->walk_lock.TryLock()) return 0;  // it is ending
  const uint32_t seq = __atomic_load_n(&thread->record->wait_seq, __ATOMIC_ACQUIRE);
  uint32_t stack = 0;
  if ((seq & 1) != 0) {
    const Registers registers = thread->registers;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    // Of two waits mixed they must not be: the walk would go anywhere.
    const bool whole = __atomic_load_n(&thread->record->wait_seq, __ATOMIC_RELAXED) == seq;
    if (whole) Stacks::WalkOther(inside, registers, false, &buffer);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (whole && __atomic_load_n(&thread->record->wait_seq, __ATOMIC_RELAXED) == seq)
      stack = Stacks::Intern(inside, buffer);
  }
  thread->walk_lock.Unlock();
  return stack;
}

// Waits until `thread` has answered, blocks, ends, or has had its time.
void AwaitOffer(const Thread* thread) {
  const uint32_t word = StepWord(thread, kWanted);
  const uint64_t limit = PreciseNow() + kAnswerNs;
  while (__atomic_load_n(&step_word, __ATOMIC_ACQUIRE) == word) {
    const uint64_t now = PreciseNow();
    if (now >= limit || IsWaiting(thread) || IsFinished(*thread->record)) return;
    FutexWait(&step_word, word, limit - now < 1'000'000 ? limit - now : 1'000'000);
  }
}

// Stops a running thread by a signal, walks it, lets it go. 0 if it did not answer.
uint32_t WalkRunning(const InsideAgent& inside, Thread* thread) {
  if (Hold::Has(thread)) {
    Stacks::WalkOther(inside, thread->registers, true, &buffer);
    return Stacks::Intern(inside, buffer);
  }
  const auto signal = static_cast<int>(Box::Header()->snapshot_signal);
  if (IsSignalBlocked(thread->record->tid, signal)) return 0;
  __atomic_store_n(&step_word, StepWord(thread, kWanted), __ATOMIC_RELEASE);
  const long sent = RawCall(SYS_tgkill, RawPid(), thread->record->tid, signal);
  if (sent == 0) AwaitOffer(thread);
  uint32_t expected = StepWord(thread, kWanted);
  if (__atomic_compare_exchange_n(&step_word, &expected, kIdle, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return 0;
  Stacks::WalkOther(inside, thread->registers, true, &buffer);
  const uint32_t stack = Stacks::Intern(inside, buffer);
  __atomic_store_n(&step_word, StepWord(thread, kUsed), __ATOMIC_RELEASE);
  FutexWake(&step_word);
  while (__atomic_load_n(&step_word, __ATOMIC_ACQUIRE) != kIdle) RawCall(SYS_sched_yield);
  return stack;
}

uint32_t WalkSelf(const InsideAgent& inside, const Registers* registers) {
  if (registers != nullptr) {
    Stacks::WalkInterrupted(inside, *registers, &buffer);
  } else {
    Stacks::WalkHere(inside, &buffer);
  }
  return Stacks::Intern(inside, buffer);
}

// The stack of a task, by whatever way fits its state.
uint32_t StackOf(const InsideAgent& inside, Thread* thread, const Registers* self) {
  TaskRecord* record = thread->record;
  if (IsFinished(*record) || record->tid == 0) return 0;
  if (thread == tls.self) return WalkSelf(inside, self);
  for (int attempt = 0; attempt < kWalkTries; ++attempt) {
    const bool blocked = IsWaiting(thread);
    const uint32_t stack = blocked ? WalkBlocked(inside, thread) : WalkRunning(inside, thread);
    if (stack != 0) return stack;
    if (IsFinished(*record)) return 0;
    if (!blocked && !IsWaiting(thread)) {
      record->flags |= wire::kTaskSignalBlocked;
      Box::Count(wire::Loss::kNoAnswer);
      return 0;
    }
  }
  Box::Count(wire::Loss::kWalks);
  return 0;
}

void NoteSites(const TaskRecord& record, const Thread& thread) {
  auto note = [](wire::Site site) {
    if (site != 0 && (site & wire::kSiteIsStack) == 0) Modules::Note(site);
  };
  note(record.wait_site);
  note(record.last_site);
  note(record.start_routine);
  for (uint32_t i = 0; i < record.held_count && i < thread.held_capacity; ++i) note(thread.held[i].site);
  for (const wire::Event& event : record.events) note(event.site);
}

// Threads that came by a way no hook sees are a gap in what the report can know.
void NoteUnknownThreads(uint32_t count) {
  if (count == 0) return;
  const uint64_t gaps = Box::Header()->regions[static_cast<size_t>(RegionId::kGaps)].used;
  for (uint32_t i = 1; i <= gaps; ++i) {
    auto* gap = Box::At<wire::GapRecord>(RegionId::kGaps, i);
    if (gap->kind != static_cast<uint32_t>(wire::GapKind::kRawThread)) continue;
    gap->number = count;
    return;
  }
  const uint32_t index = Box::Append(RegionId::kGaps);
  if (index == 0) return;
  auto* gap = Box::At<wire::GapRecord>(RegionId::kGaps, index);
  gap->number = count;
  __atomic_store_n(&gap->kind, static_cast<uint32_t>(wire::GapKind::kRawThread), __ATOMIC_RELEASE);
}

// Threads whose creator has a record for them, but which have not run far enough to say who they are.
uint32_t CountNotStarted() {
  uint32_t count = 0;
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->serial == 0) continue;
    if (thread->record->tid == 0 && thread->record->state == static_cast<uint8_t>(TaskState::kCreated)) ++count;
  }
  return count;
}

// Kernel threads that no task can be: while threads come and go, each creation and start may account for one.
uint32_t CountStrangers() {
  const uint32_t* clock = &Box::Header()->life_clock;
  const uint32_t before = __atomic_load_n(clock, __ATOMIC_ACQUIRE);
  const uint32_t not_started = CountNotStarted();
  const uint32_t unknown = CountUnknownThreads();
  const uint32_t explained = not_started + (__atomic_load_n(clock, __ATOMIC_ACQUIRE) - before);
  return unknown > explained ? unknown - explained : 0;
}

bool IsMachine(const TaskRecord& record) { return (record.flags & wire::kTaskMachine) != 0; }

// Finds the stack of the thread, and keeps it in its record.
void WalkInto(const InsideAgent& inside, Thread* thread, const Registers* self) {
  thread->record->flags &= ~uint32_t{wire::kTaskSignalBlocked};
  thread->record->snapshot_stack = StackOf(inside, thread, self);
}

// In the copy of a thread's record, of which the snapshot holds the part before the events.
void SetRuntimeWait(const RuntimeWait& wait, TaskRecord* copy) {
  copy->state = static_cast<uint8_t>(TaskState::kBlocked);
  copy->wait_reason = wait.reason;
  copy->wait_flags = 0;
  copy->wait_object = wait.object;
  copy->wait_address = wait.address;
  copy->wait_task = 0;
  copy->wait_extra = 0;
  copy->wait_site = 0;
  copy->wait_since_ns = wait.since_ns;
  if (copy->cpu_state == 'R') copy->cpu_state = 'S';
}

// Copies one task into the snapshot. False: no more room.
bool Add(const InsideAgent& inside, Thread* thread, uint32_t index, const Registers* self) {
  if (!Box::Reserve(RegionId::kSnapshot, index + 1)) {
    Box::Count(wire::Loss::kSnapshotSpace);
    return false;
  }
  TaskRecord* record = thread->record;
  if (!IsMachine(*record)) WalkInto(inside, thread, self);
  const KernelState kernel = record->tid == 0 ? KernelState{} : ReadKernelState(record->tid);
  record->cpu_state = !kernel.exists ? 0 : kernel.running ? 'R' : 'S';
  record->kernel_call = static_cast<uint64_t>(kernel.system_call + 1);
  // In a wait, and on a processor all the same: a signal handler of the program, perhaps.
  if (Hold::IsOn() && kernel.running && IsWaiting(thread) && thread != tls.self) has_moved = true;
  if ((record->wait_flags & wire::kWaitShared) != 0 && !shared_ranges.Contains(record->wait_address)) {
    record->wait_flags &= static_cast<uint16_t>(~wire::kWaitShared);
  }
  NoteSites(*record, *thread);
  memcpy(Box::At<SnapshotTask>(RegionId::kSnapshot, index + 1), record, wire::kTaskSnapshotBytes);
  return true;
}

// What the runtime of the goroutines knows of a thread, which has been copied into the snapshot.
void AddRuntimeFacts(const InsideAgent& inside, uint32_t index) {
  auto* copy = reinterpret_cast<TaskRecord*>(Box::At<SnapshotTask>(RegionId::kSnapshot, index + 1));
  copy->labels = copy->tid == 0 ? 0 : Goroutines::ThreadLabels(copy->tid);
  if (const RuntimeWait* wait = Goroutines::ThreadWait(copy->tid); wait != nullptr && copy->tid != 0) {
    SetRuntimeWait(*wait, copy);
  }
  if (copy->tid != 0 && Goroutines::IsAttached()) Goroutines::AddThreadHeld(inside, copy);
}

// Threads that run goroutines are walked first: their stacks are those of the goroutines that they run.
void WalkMachines(const InsideAgent& inside, const Registers* self) {
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || !Belongs(*thread->record) || !IsMachine(*thread->record)) continue;
    WalkInto(inside, thread, self);
  }
}

// Makes the snapshot valid, and room for the next. Returns the request that it was taken for.
uint32_t Finish() {
  wire::SnapshotHeader* snapshot = &Box::Header()->snapshot;
  const uint32_t request = snapshot->request;
  snapshot->copy_ended = 0;
  __atomic_store_n(&snapshot->end_seq, snapshot->begin_seq, __ATOMIC_RELEASE);
  snapshot_lock.Unlock();
  return request;
}

void RecordGoroutines(const InsideAgent& inside) {
  wire::BlackBoxHeader* box = Box::Header();
  const uint32_t count = Goroutines::Record(inside, &buffer);
  box->snapshot.pending_calls = Goroutines::PendingCalls();
  box->regions[static_cast<size_t>(RegionId::kGoroutines)].used = count;
  __atomic_store_n(&box->snapshot.goroutine_count, count, __ATOMIC_RELEASE);
}

// The same, after the threads.
void RecordGoroutinesInCopy() {
  InsideAgent inside;
  RecordGoroutines(inside);
  for (uint32_t i = 0, count = Box::Header()->snapshot.task_count; i < count; ++i) AddRuntimeFacts(inside, i);
  tls.window = {};  // an address on a stack, which is not the way to anything
}

// All tasks, and what is known of the process; `has_copy`: but the goroutines.
void RecordAll(const InsideAgent& inside, const SnapshotOrder& order, const Registers* self, bool has_copy) {
  wire::BlackBoxHeader* box = Box::Header();
  shared_ranges.Load();
  if (Goroutines::IsAttached()) WalkMachines(inside, self);
  box->snapshot.goroutine_count = kNotRecorded;
  if (!has_copy) RecordGoroutines(inside);
  uint32_t count = 0;
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || !Belongs(*thread->record)) continue;
    if (!Add(inside, thread, count, self)) break;
    if (!has_copy) AddRuntimeFacts(inside, count);
    ++count;
  }
  box->regions[static_cast<size_t>(RegionId::kSnapshot)].used = count;
  box->snapshot.task_count = count;
  box->snapshot.unknown_tids = CountStrangers();
  NoteUnknownThreads(box->snapshot.unknown_tids);
  box->snapshot.taken_by = tls.self == nullptr ? 0 : tls.self->record->serial;
  box->snapshot.reason = static_cast<uint32_t>(order.reason);
  box->snapshot.test = order.test;
  box->snapshot.request = order.request;
  box->snapshot.time_ns = PreciseNow();
}

// Who can reach what is true of one moment only: nothing moves until a copy of the process is made, which does
// all that can be done later. kNotEnded: it is at it. `here`: as in Reach::CopyAndGoOn().
ReachState RecordWithProof(const InsideAgent& inside, const SnapshotOrder& order, const Registers& here,
                           const Registers* self, uint64_t* went_on_ns) {
  wire::SnapshotHeader* snapshot = &Box::Header()->snapshot;
  ReachState reach = Reach::Stop();
  if (reach == ReachState::kComplete) {
    const bool has_copy = may_copy_record && Goroutines::IsAttached();
    RecordAll(inside, order, self, has_copy);
    Box::Header()->regions[static_cast<size_t>(RegionId::kReach)].used = 0;
    snapshot->reach_state = static_cast<uint32_t>(ReachState::kNotEnded);
    tls.window = {};  // as in the copy
    known_before_copy = {Stacks::Count(), Objects::Count()};
    // A thread that nobody could stop may have moved what it had.
    if (snapshot->unknown_tids == 0 && !has_moved) {
      reach = Reach::CopyAndGoOn(here, self, has_copy ? &RecordGoroutinesInCopy : nullptr, went_on_ns);
      if (reach == ReachState::kNotEnded || !has_copy) return reach;
    } else {
      Hold::End();
      *went_on_ns = PreciseNow();
      reach = ReachState::kNotStill;
      if (!has_copy) return reach;
    }
  }
  RecordAll(inside, order, self, false);
  return reach;
}

// False: the copy has not come to the end of the goroutines. Context: it has ended.
bool TakeInCopy(const InsideAgent& inside) {
  Stacks::TakeIn(inside, known_before_copy.stacks);
  Objects::TakeIn(inside, known_before_copy.objects);
  if (Box::Header()->snapshot.goroutine_count != kNotRecorded) return true;
  may_copy_record = false;
  return false;
}

// Part of the taker's stack are our own frames, and in them words that nobody has written since other functions
// of ours had theirs there: addresses of what a snapshot before has recorded, for one. As long as nothing else
// happens they stay, and whatever they point to could be reached for ever. As GC_clear_stack() of the Boehm
// collector does.
__attribute__((noinline)) void ClearFramesToCome() {
  constexpr size_t kFrames = 2048;  // of Take() and all that it calls down to CopyAndGoOn()
  char frames[kFrames];
  memset(frames, 0, sizeof(frames));
  __asm__ volatile("" : : "r"(frames) : "memory");
}

__attribute__((noinline)) bool TakeNow(const InsideAgent& inside, const SnapshotOrder& order,
                                       const Registers* self) {
  Registers here = {};
  STRAY_SAVE_REGISTERS(here);
  if (!snapshot_lock.TryLock()) return false;
  wire::SnapshotHeader* snapshot = &Box::Header()->snapshot;
  if (snapshot->is_final != 0 && !order.is_final && order.reason != wire::SnapshotReason::kCrash) {
    // A request that comes while the process ends would leave half a snapshot in the place of the last one.
    snapshot_lock.Unlock();
    return false;
  }
  snapshot->is_final = order.is_final ? 1 : 0;
  const bool is_asked = order.wants_proof || (order.reason != wire::SnapshotReason::kCrash &&
                                              order.reason != wire::SnapshotReason::kRequest);
  for (;;) {
    const uint64_t start = PreciseNow();
    uint64_t went_on_ns = 0;
    has_moved = false;
    __atomic_store_n(&snapshot->begin_seq, snapshot->begin_seq + 1, __ATOMIC_RELEASE);
    Box::Header()->regions[static_cast<size_t>(RegionId::kReach)].used = 0;
    ReachState reach = ReachState::kNotAsked;
    if (Reach::IsOn() && is_asked) {
      reach = RecordWithProof(inside, order, here, self, &went_on_ns);
    } else {
      RecordAll(inside, order, self, false);
    }
    snapshot->stall_ns = (went_on_ns == 0 ? snapshot->time_ns : went_on_ns) - start;
    if (reach != ReachState::kNotEnded) {
      snapshot->reach_state = static_cast<uint32_t>(reach);
      break;
    }
    if (order.may_return_early || !Reach::AwaitCopy()) return false;
    if (TakeInCopy(inside)) break;
  }
  Finish();
  return true;
}

}  // namespace

bool Snapshots::Take(const InsideAgent& inside, const SnapshotOrder& order, const Registers* self) {
  ClearFramesToCome();
  return TakeNow(inside, order, self);
}

bool Snapshots::IsUnfinished() { return Reach::HasCopy(); }

bool Snapshots::FinishIfEnded(const InsideAgent& inside, uint32_t* request) {
  if (!Reach::PollCopy()) return false;
  if (!TakeInCopy(inside)) {
    snapshot_lock.Unlock();
    return false;
  }
  *request = Finish();
  return true;
}

void Snapshots::Abandon() {
  if (!Reach::AbandonCopy()) return;
  if (Box::Header()->snapshot.goroutine_count != kNotRecorded) {
    Finish();
  } else {
    snapshot_lock.Unlock();
  }
}

bool Snapshots::TakeLast(const InsideAgent& inside, const SnapshotOrder& order, const Registers* self) {
  const uint64_t limit = PreciseNow() + kLastWaitNs;
  const wire::SnapshotReason reason = order.reason;
  while (!Take(inside, order, self)) {
    if (PreciseNow() >= limit) return false;
    // A request of before is not worth waiting for at the end of the process, but is at the end of a test, and
    // for who asks in the middle.
    uint32_t request = 0;
    if (reason == wire::SnapshotReason::kTest || reason == wire::SnapshotReason::kRequest) {
      FinishIfEnded(inside, &request);
    } else {
      Abandon();
    }
    // Whoever is at it may be waiting for this thread.
    if (self == nullptr) {
      OfferIfWanted();
    } else {
      if (IsWanted(tls.self)) OfferSelf(tls.self, *self);
      Hold::WaitIfHeld(tls.self, *self);
    }
    RawCall(SYS_sched_yield);
  }
  return true;
}

bool Snapshots::IsWanted(const Thread* thread) {
  return thread != nullptr && __atomic_load_n(&step_word, __ATOMIC_ACQUIRE) == StepWord(thread, kWanted);
}

void Snapshots::OfferSelf(Thread* thread, const Registers& registers) {
  if (IsWaiting(thread)) return;  // its registers are those of the wait, and may be in use
  thread->registers = registers;
  // The taker may have given up meanwhile. Pairs with its acquire: who sees kOffered sees the registers.
  uint32_t expected = StepWord(thread, kWanted);
  const uint32_t in_use = StepWord(thread, kOffered);
  if (!__atomic_compare_exchange_n(&step_word, &expected, in_use, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return;
  FutexWake(&step_word);
  while (__atomic_load_n(&step_word, __ATOMIC_ACQUIRE) == in_use) FutexWait(&step_word, in_use, 1'000'000);
  __atomic_store_n(&step_word, kIdle, __ATOMIC_RELEASE);
}

void Snapshots::OfferIfWanted() {
  if (!IsWanted(tls.self) && !Hold::IsOn()) return;
  Registers registers = {};
  STRAY_SAVE_REGISTERS(registers);
  if (IsWanted(tls.self)) OfferSelf(tls.self, registers);
  Hold::WaitIfHeld(tls.self, registers);
}

void Snapshots::AwaitReturn(const Thread* thread) {
  const uint64_t limit = PreciseNow() + kReturnNs;
  while (IsWaiting(thread) && ReadKernelState(thread->record->tid).running && PreciseNow() < limit) {
    const uint32_t word = 0;
    FutexWait(&word, 0, kReturnPauseNs);
  }
}

void Snapshots::Reset() {
  step_word = kIdle;
  Reach::ForgetCopy();
  snapshot_lock.Unlock();
  Hold::Reset();
}

}  // namespace stray::agent
