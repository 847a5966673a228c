// SPDX-License-Identifier: Apache-2.0
// timers.h: what is to happen later. Each processor has a heap of timers, with a lock of its own, since any
// thread may stop a timer.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_TIMERS_H_
#define STRAY_INSTRUMENTATION_RUNTIME_TIMERS_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/word_lock.h"

namespace stray::runtime {

class TimerHeap;

// Belongs to its user, who keeps it until it has fired or was stopped.
struct Timer {
  int64_t when_ns = 0;  // CLOCK_MONOTONIC
  // Called once, by a thread of the scheduler between two tasks: must not park. The timer may be started again.
  // For TSan nothing orders it: see NobodyScope.
  void (*fire)(Timer* timer) = nullptr;
  void* argument = nullptr;
  std::atomic<TimerHeap*> heap{nullptr};  // null: not pending
  uint32_t index = 0;                     // in the heap
};

class TimerHeap {
 public:
  // Deadline of the first, kNever if there is none.
  int64_t Earliest() const { return earliest_.load(std::memory_order_relaxed); }
  bool IsEmpty() const { return Earliest() == kNever; }
  // True if it is now the first.
  bool Add(Timer* timer);
  // False if it is not in this heap (any more).
  bool Remove(Timer* timer);
  // Takes the first out if it is due.
  Timer* PopDue(int64_t now_ns);
  // Moves all to `other`, which is the same one for all callers: its lock comes last.
  void MoveTo(TimerHeap& other);

 private:
  void AddLocked(Timer* timer);
  void Up(uint32_t index);
  void Down(uint32_t index);
  void Place(Timer* timer, uint32_t index);
  void RemoveAt(uint32_t index);
  void UpdateEarliest();

  WordLock lock_;
  std::vector<Timer*> heap_;  // binary, earliest first
  std::atomic<int64_t> earliest_{kNever};
};

// Starts `timer`, which is not pending, on the current processor, or on any if the caller is no goroutine.
void StartTimer(Timer* timer);
// True if it was pending, and will not fire. False: it has fired, is about to, or was never started.
bool StopTimer(Timer* timer);

// How many functions of the program timers will call: AfterFunc and its like. Each is counted from the moment
// that it is set until its goroutine runs.
std::atomic<uint64_t>& PendingCalls();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_TIMERS_H_
