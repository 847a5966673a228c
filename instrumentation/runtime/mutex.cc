// SPDX-License-Identifier: Apache-2.0
// mutex.cc: the slow half of stray::Mutex.
//
// State
//   kLocked     somebody has it
//   kWoken      one of those that wait is awake, or spins: no need for Unlock to wake another
//   kStarving   it is handed over, from Unlock to the first in the queue; kLocked stays set meanwhile
//   kWaiters    the queue is not empty; changed under the queue's lock only
//
// Only who has the mutex takes waiters out, so a holder that sees kWaiters will find one. Unlock with nobody to
// wake ends with the one compare-and-swap that frees the mutex, and otherwise with Ready() of one that is still
// inside Lock(): whoever gets the mutex next may destroy it.
//
// Source: Go's sync/mutex.go; there a waiter is counted until it has the mutex, here until it is woken.
#include "stray/mutex.h"

#include "instrumentation/runtime/held_locks.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/sync_core.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray {

namespace runtime {
namespace {

using detail::MutexCore;

constexpr uint32_t kLocked = MutexCore::kLocked, kWoken = 2, kStarving = 4, kWaiters = 8;
constexpr int64_t kStarvesAfterNs = 1'000'000;
constexpr int kSpinRounds = 4, kSpinsPerRound = 30;

// Spinning is worth while only if the holder may run at the same time, and nobody needs this processor.
bool MaySpin(int rounds) {
  if (rounds >= kSpinRounds || Scheduler::MaxProcs() <= 1) return false;
  const Processor* processor = Self()->processor;
  return processor != nullptr && !Scheduler::HasLocal(processor) &&
         Scheduler::IdleProcessors() + 1 < static_cast<uint32_t>(Scheduler::MaxProcs());
}

// One that wants the mutex.
class Locker {
 public:
  Locker(MutexCore& mutex, WaitReason reason, const void* object)
      : mutex_(mutex), reason_(reason), object_(object), task_(CurrentTask()) {}

  void Lock() {
    while (!TryTake()) {
      if (Spin()) continue;
      if (WaitInQueue()) return;
    }
  }

 private:
  std::atomic<uint32_t>& state() { return mutex_.core.state; }

  bool TryTake() {
    uint32_t old = state().load(std::memory_order_relaxed);
    while ((old & (kLocked | kStarving)) == 0) {
      const uint32_t taken = (old | kLocked) & ~(is_woken_ ? kWoken : 0);
      if (state().compare_exchange_weak(old, taken, std::memory_order_acquire, std::memory_order_relaxed))
        return true;
    }
    return false;
  }

  // False if it is time to wait.
  bool Spin() {
    uint32_t old = state().load(std::memory_order_relaxed);
    if ((old & (kLocked | kStarving)) != kLocked || !MaySpin(spins_)) return false;
    if (!is_woken_ && (old & (kWoken | kWaiters)) == kWaiters &&
        state().compare_exchange_strong(old, old | kWoken, std::memory_order_relaxed)) {
      is_woken_ = true;
    }
    ++spins_;
    for (int i = 0; i < kSpinsPerRound; ++i) SpinPause();
    return true;
  }

  // True if the mutex was handed over; false: try again.
  bool WaitInQueue() {
    Waiter waiter{.task = task_};
    LockOf(mutex_.core).Lock();
    if (!AnnounceWaiter()) {
      LockOf(mutex_.core).Unlock();
      return false;
    }
    is_woken_ = false;
    if (waiting_since_ns_ == 0) {
      waiting_since_ns_ = TimerClock::Now();
      WaitersOf(mutex_.core).Push(&waiter);
    } else {
      WaitersOf(mutex_.core).PushFront(&waiter);
    }
    Park(reason_, object_, &LockOf(mutex_.core));
    starves_ = starves_ || TimerClock::Now() - waiting_since_ns_ > kStarvesAfterNs;
    if (waiter.served) {
      EndStarvation();
      return true;
    }
    is_woken_ = true;
    spins_ = 0;
    return false;
  }

  // With the queue locked. False if the mutex has become free.
  bool AnnounceWaiter() {
    uint32_t old = state().load(std::memory_order_relaxed);
    for (;;) {
      if ((old & (kLocked | kStarving)) == 0) return false;
      const uint32_t waits = (old | kWaiters | (starves_ ? kStarving : 0)) & ~(is_woken_ ? kWoken : 0);
      if (state().compare_exchange_weak(old, waits, std::memory_order_relaxed)) return true;
    }
  }

  // By the new holder: handing over is slow, and ends as soon as it can.
  void EndStarvation() {
    WordGuard guard(LockOf(mutex_.core));
    if (!starves_ || WaitersOf(mutex_.core).IsEmpty()) state().fetch_and(~kStarving, std::memory_order_relaxed);
  }

  MutexCore& mutex_;
  const WaitReason reason_;
  const void* const object_;
  Task* const task_;
  int64_t waiting_since_ns_ = 0;
  int spins_ = 0;
  bool starves_ = false;
  bool is_woken_ = false;  // kWoken is set for us
};

// With the queue locked, by the holder. Keeps the mutex locked for the one that it takes out.
Task* HandOver(MutexCore& mutex) {
  Waiter* first = WaitersOf(mutex.core).Pop();
  first->served = true;
  if (WaitersOf(mutex.core).IsEmpty()) mutex.core.state.fetch_and(~kWaiters, std::memory_order_relaxed);
  return first->task;
}

// The same. Frees the mutex and returns one that shall compete for it; null if one came to do so meanwhile.
Task* FreeAndWake(MutexCore& mutex) {
  Waiter* first = WaitersOf(mutex.core).Pop();
  const uint32_t rest = WaitersOf(mutex.core).IsEmpty() ? 0 : kWaiters;
  uint32_t old = mutex.core.state.load(std::memory_order_relaxed);
  while ((old & (kWoken | kStarving)) == 0) {
    if (mutex.core.state.compare_exchange_weak(old, rest | kWoken, std::memory_order_release,
                                               std::memory_order_relaxed)) {
      return first->task;
    }
  }
  WaitersOf(mutex.core).PushFront(first);
  return nullptr;
}

}  // namespace

void LockCore(MutexCore& mutex, WaitReason reason, const void* object) {
  uint32_t free = 0;
  if (mutex.core.state.compare_exchange_strong(free, kLocked, std::memory_order_acquire,
                                               std::memory_order_relaxed)) {
    return;
  }
  Locker(mutex, reason, object).Lock();
}

bool TryLockCore(MutexCore& mutex) {
  uint32_t old = mutex.core.state.load(std::memory_order_relaxed);
  return (old & (kLocked | kStarving)) == 0 &&
         mutex.core.state.compare_exchange_strong(old, old | kLocked, std::memory_order_acquire,
                                                  std::memory_order_relaxed);
}

void UnlockCore(MutexCore& mutex, const char* if_unlocked) {
  uint32_t old = mutex.core.state.load(std::memory_order_relaxed);
  for (;;) {
    if ((old & kLocked) == 0) {
      FatalOver({MisuseKind::kUnlockUnlocked, "Unlock", WaitReason::kSyncMutexLock, &mutex}, if_unlocked);
    }
    // While nobody has it, or it is handed over, a snapshot must not find us as its holder: we may soon wait
    // for it.
    mutex.holder.task.store(0, std::memory_order_relaxed);
    if ((old & kStarving) == 0 && (old & (kWaiters | kWoken)) != kWaiters) {
      if (mutex.core.state.compare_exchange_weak(old, old & ~kLocked, std::memory_order_release,
                                                 std::memory_order_relaxed)) {
        return;
      }
      continue;
    }
    LockOf(mutex.core).Lock();
    old = mutex.core.state.load(std::memory_order_relaxed);
    Task* next = nullptr;
    if ((old & kStarving) != 0) {
      next = HandOver(mutex);
    } else if ((old & (kWaiters | kWoken)) == kWaiters) {
      next = FreeAndWake(mutex);
    }
    LockOf(mutex.core).Unlock();
    if (next != nullptr) return Ready(next);
    old = mutex.core.state.load(std::memory_order_relaxed);
  }
}

}  // namespace runtime

namespace detail {

namespace {

using runtime::HeldLocks;
using runtime::LockCall;
using runtime::WaitReason;

bridge::HeldLock EntryOf(MutexCore* mutex, uint16_t flags, const LockCall& call) {
  return HeldLocks::Entry(mutex, mutex->number, WaitReason::kSyncMutexLock, flags, call);
}

void NoteTaken(MutexCore* mutex, uint16_t flags, const LockCall& call) {
  mutex->held_in.store(HeldLocks::Push(EntryOf(mutex, flags, call)), std::memory_order_relaxed);
}

}  // namespace

// Stacks are the same with and without an agent: it changes nothing of what the program prints.
[[gnu::noinline]] void LockMutexSlow(MutexCore* mutex) noexcept {
  const LockCall call = STRAY_LOCK_CALL();
  if (AreLocksWatched()) HeldLocks::Wants(EntryOf(mutex, 0, call));
  runtime::LockCore(*mutex, WaitReason::kSyncMutexLock, mutex);
  if (!tsan::TellTaken(mutex, tsan::kToWrite, call.pc, call.frame))
    tsan::Acquire(
        &mutex->core.state);  // the atomic of the fast path, which the program's own code tells TSan of
  if (AreLocksWatched()) NoteTaken(mutex, 0, call);
}

[[gnu::noinline]] void UnlockMutexSlow(MutexCore* mutex) noexcept {
  if (AreLocksWatched()) HeldLocks::Remove(mutex->held_in.exchange(nullptr, std::memory_order_relaxed), mutex);
  if (!tsan::TellGiven(mutex, __builtin_return_address(0), __builtin_frame_address(0)))
    tsan::Release(&mutex->core.state);
  runtime::UnlockCore(*mutex, "sync: unlock of unlocked mutex");
}

[[gnu::noinline]] bool TryLockMutexSlow(MutexCore* mutex) noexcept {
  if (!runtime::TryLockCore(*mutex)) return false;
  if (!tsan::TellTaken(mutex, tsan::kByTry, __builtin_return_address(0), __builtin_frame_address(0)))
    tsan::Acquire(&mutex->core.state);
  if (AreLocksWatched()) NoteTaken(mutex, bridge::kHeldByTry, STRAY_LOCK_CALL());
  return true;
}

}  // namespace detail

}  // namespace stray
