// SPDX-License-Identifier: Apache-2.0
// watcher.cc: the one of the sleeping machines that wakes up for timers and descriptors, looks now and then
// after those that run, and finds out when nothing can happen any more.
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/poller.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/thread_count.h"
#include "instrumentation/runtime/timer_clock.h"

namespace stray::runtime {
namespace {

constexpr int64_t kShortestWatchNs = 50'000, kPendingWatchNs = 10'000'000, kLongestWatchNs = 10'000'000'000;
constexpr int64_t kLongestIdleWatchNs = 1'000'000'000;
constexpr int64_t kLazyFromNs = 1'000'000;

std::atomic<int64_t> deadline_of_watcher{0};  // 0: there is no watcher, or it is not asleep
std::atomic<int> parked_threads{0};
std::atomic<uint32_t> thread_wakes{0};  // of parked threads, ever

}  // namespace

Machine* MachineLoop::watcher_ = nullptr;
std::atomic<bool> MachineLoop::watcher_is_lazy_{true};

void MachineLoop::Watch(Machine* machine) {
  int64_t interval_ns = kShortestWatchNs;
  for (;;) {
    int64_t deadline = WatchDeadline(interval_ns);
    // From here on who leaves a task waiting behind one that runs says so (PushNext), also if everybody is idle
    // now and the deadline is that of a timer.
    watcher_is_lazy_.store(deadline - Now() >= kLazyFromNs, std::memory_order_seq_cst);
    // Who did so just before has not: then the next look must not be far off.
    if (deadline - Now() > kPendingWatchNs && IsTaskPending()) deadline = Now() + kPendingWatchNs;
    deadline_of_watcher.store(deadline, std::memory_order_seq_cst);
    // A timer may have become earlier since.
    if (WatchDeadline(interval_ns) >= deadline || deadline <= Now()) {
      if (Poller::IsUsed()) {
        Poller::Wait(machine->wake, deadline);
      } else {
        FutexWait(&machine->wake, kAsleep, deadline);
      }
    }
    deadline_of_watcher.store(0, std::memory_order_relaxed);
    if (Scheduler::IsStopping()) return;
    const uint32_t kind = machine->wake.load(std::memory_order_acquire);
    if (kind == kHasProcessor) return;
    if (kind == kLookAgain) {
      interval_ns = kShortestWatchNs;
      uint32_t again = kLookAgain;
      machine->wake.compare_exchange_strong(again, kAsleep, std::memory_order_acquire);
    }
    if (LookAround(machine)) {
      interval_ns = kShortestWatchNs;
    } else if (interval_ns < (IsBusy() ? kLongestWatchNs : kLongestIdleWatchNs)) {
      interval_ns *= interval_ns < kPendingWatchNs ? 2 : 4;
    }
    WordGuard guard(lock_);
    if (!machine->is_idle) return;
  }
}

bool MachineLoop::LookAround(Machine* machine) {
  const int64_t now_ns = Now();
  bool any = false, busy = false;
  const int max_procs = Scheduler::MaxProcs();
  for (int i = 0, count = made_processors_.load(std::memory_order_acquire); i < count; ++i) {
    Processor* processor = ProcessorAt(i);
    if (processor == nullptr) continue;
    bool idle;
    {
      WordGuard guard(lock_);
      idle = processor->machine == nullptr;
    }
    busy |= !idle;
    if (i >= max_procs && !idle) any |= EmptyRetired(processor);
    if (TimerClock::ToMonotonic(processor->timers.Earliest()) <= now_ns) {
      any = true;
      if (!TakeIdleProcessor(machine)) {
        processor->attention.store(true, std::memory_order_relaxed);
        continue;
      }
      KeepOneWatching();
      return true;
    }
    const uint32_t tick = processor->tick.load(std::memory_order_relaxed);
    if (tick == processor->seen_tick && !idle && !SeededOrder::IsOn() &&
        processor->next.load(std::memory_order_relaxed) != nullptr) {
      TaskList one;
      if (Task* task = processor->next.exchange(nullptr, std::memory_order_acq_rel)) one.Push(task);
      InjectList(one);
      any = true;
    }
    processor->seen_tick = tick;
  }
  if (IsWorkAnywhere()) {
    Scheduler::WakeOne();
    any = true;
  }
  if (!any && !busy && AreAllAsleep()) FatalAllAsleep();
  return any;
}

// Its machine will do that at the next switch, but the current task may compute and never switch.
bool MachineLoop::EmptyRetired(Processor* processor) {
  static RunQueue taken;  // only the watcher comes here
  TaskList list;
  while (Task* task = processor->queue.StealInto(taken)) {
    list.Push(task);
    while (Task* more = taken.Pop()) list.Push(more);
  }
  if (list.head == nullptr) return false;
  InjectList(list);
  return true;
}

// A task waits behind the one that a processor runs.
bool MachineLoop::IsTaskPending() {
  for (int i = 0, count = made_processors_.load(std::memory_order_acquire); i < count; ++i) {
    if (Scheduler::HasLocal(ProcessorAt(i))) return true;
  }
  return false;
}

int64_t MachineLoop::EarliestTimer() {
  int64_t earliest = kNever;
  for (int i = 0, count = made_processors_.load(std::memory_order_acquire); i < count; ++i) {
    const Processor* processor = Scheduler::ProcessorAt(i);
    if (processor != nullptr && processor->timers.Earliest() < earliest)
      earliest = processor->timers.Earliest();
  }
  const int64_t deadline = TimerClock::ToMonotonic(earliest);
  if (!SeededOrder::IsOn()) return deadline;
  return SeededOrder::HeldUntil() < deadline ? SeededOrder::HeldUntil() : deadline;
}

int64_t MachineLoop::WatchDeadline(int64_t interval_ns) {
  const int64_t earliest = EarliestTimer();
  if (!IsBusy() && (earliest != kNever || !CanNobodyWake())) return earliest;
  const int64_t look = Now() + interval_ns;
  return look < earliest ? look : earliest;
}

// True if nothing that we know of can make a goroutine run again, but perhaps a thread that is not ours.
bool MachineLoop::CanNobodyWake() {
  return Scheduler::outside_.load(std::memory_order_seq_cst) == 0 && !Poller::IsUsed() &&
         (Scheduler::NumGoroutines() != 0 || parked_threads.load(std::memory_order_seq_cst) != 0);
}

// No goroutine runs, and none will unless a thread that is not ours makes it.
bool MachineLoop::IsQuiet() {
  return Scheduler::outside_.load(std::memory_order_seq_cst) == 0 && !Poller::IsUsed() &&
         EarliestTimer() == kNever && !IsBusy() && !IsWorkAnywhere();
}

// The only thread that runs is this one, unless there are others that are not ours.
bool MachineLoop::AreAllAsleep() {
  const auto are = [] {
    return CanNobodyWake() && EarliestTimer() == kNever && !IsBusy() && !IsWorkAnywhere();
  };
  if (!are()) return false;
  const uint32_t wakes = thread_wakes.load(std::memory_order_seq_cst);
  const int ours =
      machine_count_.load(std::memory_order_seq_cst) + parked_threads.load(std::memory_order_seq_cst);
  // A thread that is not ours may have made work, or woken another thread, and ended since.
  return CountThreads() <= ours && are() && thread_wakes.load(std::memory_order_seq_cst) == wakes;
}

// The watcher may sleep for a timer that was stopped, or a call that is over: somebody has to find out that
// nothing can happen any more.
void MachineLoop::WakeWatcherIfAllSleep() {
  // Seldom: the watcher of a program that is fed from outside looks once a second.
  if (deadline_of_watcher.load(std::memory_order_seq_cst) <= Now() + kLongestIdleWatchNs) return;
  if (!IsBusy() && CanNobodyWake() && EarliestTimer() == kNever) WakeWatcher();
}

// The caller has taken one for work that is known: it may be a goroutine that computes.
void MachineLoop::KeepOneWatching() {
  if (SeededOrder::IsOn()) return;  // with one processor there is nothing that another could do
  {
    WordGuard guard(lock_);
    if (HasWatcher()) return;
  }
  Scheduler::WakeOne();
}

void MachineLoop::WakeWatcher() {
  bool is_alone;
  {
    WordGuard guard(lock_);
    watcher_is_lazy_.store(false, std::memory_order_relaxed);
    is_alone = all_machines_ == nullptr;  // no thread was ever started
    if (watcher_ != nullptr && watcher_->wake.load(std::memory_order_relaxed) == kAsleep)
      WakeMachine(watcher_, kLookAgain);
  }
  if (is_alone) Scheduler::WakeOne();
}

void MachineLoop::NoteEarlierTimer(int64_t when_ns) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const int64_t deadline = deadline_of_watcher.load(std::memory_order_seq_cst);
  if (deadline != 0 && TimerClock::ToMonotonic(when_ns) < deadline) WakeWatcher();
  // From a thread that is not ours, perhaps before there is any machine.
  if (Self()->processor == nullptr && deadline == 0) WakeOne();
}

void MachineLoop::NoteDescriptor() {
  WakeWatcher();
  if (Self()->processor == nullptr && deadline_of_watcher.load(std::memory_order_seq_cst) == 0) WakeOne();
}

void MachineLoop::NoteThreadParked(int change) {
  if (change < 0) thread_wakes.fetch_add(1, std::memory_order_seq_cst);
  parked_threads.fetch_add(change, std::memory_order_seq_cst);
  if (change > 0 && Scheduler::IsStarted()) WakeWatcher();
}

void MachineLoop::WakeMachine(Machine* machine, uint32_t kind) {
  // Pairs with Poller::Wait(): one of the two sees the other. It may sleep there though nobody uses the poller
  // any more.
  machine->wake.store(kind, std::memory_order_seq_cst);
  FutexWake(&machine->wake);
  Poller::Interrupt();
}

}  // namespace stray::runtime
