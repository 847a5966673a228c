// SPDX-License-Identifier: Apache-2.0
// steering.h: keeps goroutines to a schedule that was computed elsewhere: STRAY_SCHED=steer:FILE.
//
// A schedule is a list of turns (agent/wire/steering.h), each of one goroutine, up to one of its scheduling
// points. While a turn lasts nobody else runs, though others could; if its goroutine sleeps, all wait for that.
//
//   it stands at its point, or has ended             the next turn begins
//   it waits, and the turn allows that               the next turn begins
//   it waits, and the schedule did not expect it     those run that have no turn any more: perhaps they wake
//   it;
//                                                    else time passes, for what comes from outside; after some
//                                                    of it the turn is given up: the run has left the schedule
//
// A turn that was given up is told (SteeringOutcome), and the next ones are had as well as they can be: its
// goroutine makes up for it in its next turn.
//
// Invariants
//   - Only the machine that has the processor comes here, but for NoteStarted() and HeldUntil().
//   - passed is the number of scheduling points behind a goroutine, not counting the one it stands at.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_STEERING_H_
#define STRAY_INSTRUMENTATION_RUNTIME_STEERING_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/wire/steering.h"
#include "instrumentation/runtime/steering_schedule.h"
#include "instrumentation/runtime/task.h"
#include "instrumentation/runtime/word_lock.h"

namespace stray::runtime {

class Steering {
 public:
  // What Choose() returns besides a number of a task.
  static constexpr int kNobody = -1;   // all wait for the one whose turn it is
  static constexpr int kAnybody = -2;  // the schedule is over

  // `outcome`: where it is told how far the program came; outlives this. Not null.
  Steering(SteeringSchedule schedule, steering::SteeringOutcome* outcome);

  bool IsOver() const { return turn_ == schedule_.turns.size(); }

  // `task` was started; `creator`: by that goroutine, or null.
  void NoteStarted(const Task* task, const Task* creator);

  // `task` runs and has come to a scheduling point. True: it may pass; false: Choose() decides. `must_pass`: it
  // cannot be stopped here. Not once the schedule is over.
  bool Passes(const Task* task, bool must_pass);
  // It lets others run.
  void NoteYield(const Task* task);

  // Which of `runnable` runs next.
  int Choose(const std::vector<Task*>& runnable, int64_t now_ns);
  // While kNobody was the last choice: when to ask again though nothing has happened; else kNever.
  int64_t HeldUntil() const { return held_until_ns_.load(std::memory_order_seq_cst); }

 private:
  // One that the schedule names.
  struct Named {
    // Null: not started yet. Pairs with the release store in NoteStarted(), before which `id` was written.
    std::atomic<const Task*> started{nullptr};
    uint64_t id = 0;  // the task's, for as long as it is this goroutine
    uint64_t passed = 0;
    size_t turns_left = 0;
    uint32_t yields = 0;  // since it passed a point last
    bool stands = false;  // at a scheduling point
    bool has_yielded = false;

    const Task* task() const { return started.load(std::memory_order_acquire); }
    bool HasEnded() const {
      return task() != nullptr && task()->record.id.load(std::memory_order_relaxed) != id;
    }
  };
  struct Descent {
    uint64_t id = 0;
    std::string path;
    uint32_t children = 0;
    int name = -1;  // in the schedule; -1: it does not speak of it
  };
  enum class TurnState { kRuns, kOver, kWaits };

  Named* Find(const Task* task);
  TurnState StateOf(const SteeringSchedule::Turn& turn, const Named& named, bool is_runnable) const;
  bool IsFree(const Task* task);
  int ChooseWhileItWaits(const Named& named, const std::vector<Task*>& runnable, int64_t now_ns);
  int RunNamed(Named& named, int index);
  void GiveUp(steering::Reason reason, const Named& named);
  void NextTurn();

  const SteeringSchedule schedule_;
  steering::SteeringOutcome* const outcome_;
  size_t turn_ = 0;
  std::atomic<int64_t> held_until_ns_;
  int64_t patience_ends_ns_;  // of the current turn, whose goroutine waits; kNever: not yet

  WordLock lock_;
  std::unordered_map<const Task*, Descent> descents_;  // guarded by lock_
  uint32_t roots_ = 0;                                 // the same; goroutines that none has started
  std::vector<Named> named_;                           // by name
  std::unordered_map<std::string, uint32_t> numbers_;  // of names
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_STEERING_H_
