// SPDX-License-Identifier: Apache-2.0
// release_clock.h: a clock by which the analyzer knows that two goroutines cannot have learnt of each other.
//
// It steps whenever a goroutine that has held two locks at once (or knows of one that has) lets another learn
// of what it did: sends, signals, ends. Each task keeps the time at which it last may have learnt something. So
// what a goroutine did at clock t is unknown to each task whose last learning was at t or before: the two ran
// side by side, whatever the order was in this run. A scalar in the manner of L. Lamport, "Time, Clocks, and
// the Ordering of Events in a Distributed System", 1978.
//
// Kept only beside an agent. Locks are left out on purpose: who got one first may be another in the next run.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_RELEASE_CLOCK_H_
#define STRAY_INSTRUMENTATION_RUNTIME_RELEASE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "instrumentation/runtime/task.h"
#include "instrumentation/runtime/thread_state.h"
#include "stray/mutex.h"

namespace stray::runtime {

class ReleaseClock {
 public:
  static std::atomic<uint64_t>& Word() {
    static constinit std::atomic<uint64_t> word{0};
    return word;
  }
  static uint64_t Now() { return Word().load(std::memory_order_acquire); }

  // The calling task does what others may learn of from now on. Before it does so.
  static void NoteRelease(Task* task) {
    if (task != nullptr && task->record.life.teller != 0) [[unlikely]]
      Word().fetch_add(1, std::memory_order_acq_rel);
  }
  // It has learnt of what others did.
  static void NoteAcquire(Task* task) {
    if (task != nullptr) task->record.acquired_at = Now();
  }
};

// By number of lives (wire/runtime_abi.h). 0: nobody of whom it matters, or no agent is there.
inline uint32_t LifeOfCaller() {
  if (!detail::AreLocksWatched()) [[likely]]
    return 0;
  const Task* task = Self()->task;
  return task == nullptr ? 0 : task->record.life.teller;
}
// The calling task has learnt what that one did, or those in the list that it begins.
void NoteJoinedSlow(uint32_t number, bool is_list);
inline void NoteJoined(uint32_t number) {
  if (number != 0) [[unlikely]]
    NoteJoinedSlow(number, false);
}

// Around an operation by which the calling task may tell others of what it did, and learn from them.
class LearningScope {
 public:
  LearningScope() {
    if (detail::AreLocksWatched()) [[unlikely]]
      ReleaseClock::NoteRelease(Self()->task);
  }
  ~LearningScope() {
    if (detail::AreLocksWatched()) [[unlikely]]
      ReleaseClock::NoteAcquire(Self()->task);
  }
  LearningScope(const LearningScope&) = delete;
  LearningScope& operator=(const LearningScope&) = delete;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_RELEASE_CLOCK_H_
