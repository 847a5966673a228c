// SPDX-License-Identifier: Apache-2.0
// semaphore.cc: stray::Semaphore. Who waits without a context parks; who waits with one selects between the
// context and a channel that is closed for it.
//
// Source: golang.org/x/sync/semaphore.
#include "stray/semaphore.h"

#include "instrumentation/runtime/object_uses.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/select.h"

namespace stray::detail {

using runtime::UsesTable;
using runtime::WordGuard;
using runtime::WordLock;

struct SemaphoreWaiter {
  int64_t weight;
  runtime::Task* task;  // null: it waits for `ready`
  Chan<Unit> ready;
  bool is_served = false;
  SemaphoreWaiter* next = nullptr;
  SemaphoreWaiter* previous = nullptr;
};

namespace {

WordLock& LockOf(SemaphoreCore* semaphore) { return reinterpret_cast<WordLock&>(semaphore->lock); }

// All of these with the lock held.
bool Fits(const SemaphoreCore* semaphore, int64_t weight) {
  return semaphore->size - semaphore->held >= weight;
}

void Push(SemaphoreCore* semaphore, SemaphoreWaiter* waiter) {
  waiter->previous = semaphore->last;
  (semaphore->last == nullptr ? semaphore->first : semaphore->last->next) = waiter;
  semaphore->last = waiter;
}

void Remove(SemaphoreCore* semaphore, SemaphoreWaiter* waiter) {
  (waiter->previous == nullptr ? semaphore->first : waiter->previous->next) = waiter->next;
  (waiter->next == nullptr ? semaphore->last : waiter->next->previous) = waiter->previous;
}

// Gives what is free to those that wait, in order. The tasks to make ready once the lock is released.
runtime::TaskList Serve(SemaphoreCore* semaphore) {
  runtime::TaskList woken;
  while (SemaphoreWaiter* first = semaphore->first) {
    if (!Fits(semaphore, first->weight)) break;  // those behind it wait, so that it is not overtaken
    semaphore->held += first->weight;
    Remove(semaphore, first);
    first->is_served = true;
    if (first->task != nullptr) {
      woken.Push(first->task);
    } else {
      const runtime::WholeStep whole;
      first->ready.Close();
    }
  }
  return woken;
}

void NoteHolder(SemaphoreCore* semaphore, const void* site) {
  semaphore->last_holder.Set(CurrentTaskId(), site);
  tsan::Acquire(semaphore);
}

// True: done. False: the lock is held, and the caller has to wait.
bool AcquireOrLock(SemaphoreCore* semaphore, int64_t weight) {
  UsesTable::Note(semaphore->uses, runtime_abi::kAcquires);
  LockOf(semaphore).Lock();
  if (semaphore->first != nullptr || !Fits(semaphore, weight)) return false;
  semaphore->held += weight;
  LockOf(semaphore).Unlock();
  return true;
}

// The context is done. Takes the waiter out, or gives back what it got.
void GiveUp(SemaphoreCore* semaphore, SemaphoreWaiter* waiter) {
  runtime::TaskList woken;
  LockOf(semaphore).Lock();
  if (waiter->is_served) {
    semaphore->held -= waiter->weight;
  } else {
    Remove(semaphore, waiter);
  }
  woken = Serve(semaphore);  // it may have stood in the way
  LockOf(semaphore).Unlock();
  runtime::ReadyAll(woken);
}

}  // namespace

[[gnu::noinline]] void AcquireWeight(SemaphoreCore* semaphore, int64_t weight) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  runtime::Task* task = runtime::CurrentTask();
  if (!AcquireOrLock(semaphore, weight)) {
    // One that wants more than there is must not stop the others.
    SemaphoreWaiter waiter{.weight = weight, .task = task, .ready = {}};
    if (weight <= semaphore->size) Push(semaphore, &waiter);
    runtime::Park(runtime::WaitReason::kSemacquire, semaphore, &LockOf(semaphore));
  }
  NoteHolder(semaphore, __builtin_return_address(0));
}

[[gnu::noinline]] Error AcquireWeight(SemaphoreCore* semaphore, const Context& context, int64_t weight) {
  SchedulingPoint();
  const runtime::LearningScope learning;
  const RecvChan<Unit> done = context.Done();
  if (Error error = context.Err()) return error;
  if (!done) {
    AcquireWeight(semaphore, weight);
    return {};
  }
  if (!AcquireOrLock(semaphore, weight)) {
    SemaphoreWaiter waiter{.weight = weight, .task = nullptr, .ready = {}};
    const bool is_possible = weight <= semaphore->size;
    if (is_possible) {
      waiter.ready = MakeChan<Unit>();
      Push(semaphore, &waiter);
    }
    LockOf(semaphore).Unlock();
    Select(OnRecv(done), OnRecv(waiter.ready));
    if (Error error = context.Err()) {
      if (is_possible) GiveUp(semaphore, &waiter);
      return error;
    }
    // Who has served us may still be about to release the lock.
    WordGuard guard(LockOf(semaphore));
  }
  NoteHolder(semaphore, __builtin_return_address(0));
  return {};
}

[[gnu::noinline]] bool TryAcquireWeight(SemaphoreCore* semaphore, int64_t weight) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  if (!AcquireOrLock(semaphore, weight)) {
    LockOf(semaphore).Unlock();
    return false;
  }
  NoteHolder(semaphore, __builtin_return_address(0));
  return true;
}

void ReleaseWeight(SemaphoreCore* semaphore, int64_t weight) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  tsan::Release(semaphore);
  UsesTable::Note(semaphore->uses, runtime_abi::kReleases);
  runtime::TaskList woken;
  LockOf(semaphore).Lock();
  semaphore->held -= weight;
  if (semaphore->held < 0) {
    LockOf(semaphore).Unlock();
    runtime::PanicOver(
        {runtime::MisuseKind::kSemOverflow, "Semaphore::Release", runtime::WaitReason::kSemacquire, semaphore},
        "semaphore: released more than held");
  }
  woken = Serve(semaphore);
  LockOf(semaphore).Unlock();
  runtime::ReadyAll(woken);
}

}  // namespace stray::detail
