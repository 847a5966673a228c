// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/steering.h"

#include <algorithm>
#include <utility>

#include "instrumentation/runtime/kernel.h"

namespace stray::runtime {
namespace {

using steering::Reason;
using steering::State;

// How long one may wait for what nobody in the program is known to give, and for what comes from outside of it.
// A sleep may take as long as it takes.
constexpr int64_t kPatienceNs = 500'000'000, kPatienceOutsideNs = 10'000'000'000;
constexpr uint32_t kMostYields = 1000;  // of one turn, between two points

void Store(uint32_t& word, uint32_t value) { __atomic_store_n(&word, value, __ATOMIC_RELEASE); }
void Store(uint64_t& word, uint64_t value) { __atomic_store_n(&word, value, __ATOMIC_RELEASE); }

bool WaitsForTime(const Task* task) {
  return task->state() == TaskState::kWaiting &&
         (task->record.wait_reason == static_cast<uint16_t>(WaitReason::kSleep) ||
          (task->record.flags & bridge::kWaitsForTimer) != 0);
}

int64_t PatienceWith(const Task* task) {
  const bool is_outside =
      task != nullptr && (task->state() == TaskState::kInCall ||
                          (task->state() == TaskState::kWaiting &&
                           task->record.wait_reason == static_cast<uint16_t>(WaitReason::kIoWait)));
  return is_outside ? kPatienceOutsideNs : kPatienceNs;
}

}  // namespace

Steering::Steering(SteeringSchedule schedule, steering::SteeringOutcome* outcome)
    : schedule_(std::move(schedule)),
      outcome_(outcome),
      held_until_ns_(kNever),
      patience_ends_ns_(kNever),
      named_(schedule_.names.size()) {
  for (size_t i = 0; i < schedule_.names.size(); ++i)
    numbers_.emplace(schedule_.names[i], static_cast<uint32_t>(i));
  for (const SteeringSchedule::Turn& turn : schedule_.turns) ++named_[turn.name].turns_left;
  Store(outcome_->state, static_cast<uint32_t>(State::kOnTheWay));
}

void Steering::NoteStarted(const Task* task, const Task* creator) {
  WordGuard guard(lock_);
  std::string path;
  const auto parent = creator == nullptr ? descents_.end() : descents_.find(creator);
  if (parent == descents_.end()) {
    path = std::to_string(++roots_);
  } else {
    path = parent->second.path + "." + std::to_string(++parent->second.children);
  }
  Descent& descent = descents_[task];  // of one that has ended, perhaps: tasks are used again
  descent = {.id = task->record.id.load(std::memory_order_relaxed), .path = std::move(path)};
  const auto number = numbers_.find(descent.path);
  if (number == numbers_.end()) return;
  descent.name = static_cast<int>(number->second);
  Named& named = named_[number->second];
  named.id = descent.id;
  named.started.store(task, std::memory_order_release);
}

// Null if the schedule does not speak of it.
Steering::Named* Steering::Find(const Task* task) {
  WordGuard guard(lock_);
  const auto descent = descents_.find(task);
  return descent == descents_.end() || descent->second.name < 0
             ? nullptr
             : &named_[static_cast<size_t>(descent->second.name)];
}

bool Steering::Passes(const Task* task, bool must_pass) {
  Named* named = Find(task);
  if (named == nullptr) return must_pass;
  const SteeringSchedule::Turn& turn = schedule_.turns[turn_];
  const bool is_its_turn = named == &named_[turn.name] && named->passed < turn.points;
  named->stands = !must_pass && !is_its_turn;
  if (named->stands) return false;
  ++named->passed;
  named->yields = 0;
  return true;
}

void Steering::NoteYield(const Task* task) {
  Named* named = Find(task);
  if (named == nullptr) return;
  named->has_yielded = true;
  ++named->yields;
}

Steering::TurnState Steering::StateOf(const SteeringSchedule::Turn& turn, const Named& named,
                                      bool is_runnable) const {
  if (named.HasEnded()) return TurnState::kOver;
  if (named.passed < turn.points) return is_runnable ? TurnState::kRuns : TurnState::kWaits;
  if (named.stands) return TurnState::kOver;
  if (named.task() != nullptr && turn.may_wait && (named.has_yielded || !is_runnable)) return TurnState::kOver;
  return is_runnable ? TurnState::kRuns : TurnState::kWaits;
}

int Steering::Choose(const std::vector<Task*>& runnable, int64_t now_ns) {
  held_until_ns_.store(kNever, std::memory_order_seq_cst);
  Store(outcome_->is_held, 0);
  while (!IsOver()) {
    const SteeringSchedule::Turn& turn = schedule_.turns[turn_];
    Named& named = named_[turn.name];
    const auto at = std::find(runnable.begin(), runnable.end(), named.task());
    const bool is_runnable = named.task() != nullptr && !named.HasEnded() && at != runnable.end();
    const TurnState state = StateOf(turn, named, is_runnable);
    if (state == TurnState::kRuns && named.yields < kMostYields)
      return RunNamed(named, static_cast<int>(at - runnable.begin()));
    if (state == TurnState::kWaits) {
      if (const int choice = ChooseWhileItWaits(named, runnable, now_ns); choice != kAnybody) return choice;
      GiveUp(named.task() == nullptr ? Reason::kNeverStarted : Reason::kWaits, named);
    } else if (state == TurnState::kRuns) {
      GiveUp(Reason::kYields, named);
    } else if (named.passed < turn.points) {
      GiveUp(Reason::kEnded, named);
    }
    NextTurn();
  }
  return kAnybody;
}

int Steering::RunNamed(Named& named, int index) {
  if (named.stands) {
    named.stands = false;
    ++named.passed;
    named.yields = 0;
  }
  named.has_yielded = false;
  patience_ends_ns_ = kNever;
  return index;
}

// Has no turn any more, or never had one.
bool Steering::IsFree(const Task* task) {
  const Named* named = Find(task);
  return named == nullptr || named->turns_left == 0;
}

// kAnybody: there is nothing to wait for any more.
int Steering::ChooseWhileItWaits(const Named& named, const std::vector<Task*>& runnable, int64_t now_ns) {
  const bool waits_for_time = named.task() != nullptr && WaitsForTime(named.task());
  if (patience_ends_ns_ == kNever) patience_ends_ns_ = Later(now_ns, PatienceWith(named.task()));
  if (!waits_for_time && now_ns >= patience_ends_ns_) return kAnybody;
  if (!waits_for_time) {
    // The oldest; each has one step.
    int oldest = kNobody;
    for (size_t i = 0; i < runnable.size(); ++i) {
      const auto id = [&](size_t n) { return runnable[n]->record.id.load(std::memory_order_relaxed); };
      if (IsFree(runnable[i]) && (oldest == kNobody || id(i) < id(static_cast<size_t>(oldest))))
        oldest = static_cast<int>(i);
    }
    if (oldest != kNobody) {
      if (Named* other = Find(runnable[static_cast<size_t>(oldest)]); other != nullptr) other->stands = false;
      return oldest;
    }
  }
  held_until_ns_.store(waits_for_time ? kNever : patience_ends_ns_, std::memory_order_seq_cst);
  Store(outcome_->is_held, 1);
  return kNobody;
}

void Steering::GiveUp(Reason reason, const Named& named) {
  if (outcome_->given_up != 0) return;
  Store(outcome_->reason, static_cast<uint32_t>(reason));
  Store(outcome_->points, named.passed);
  const bool waits = reason == Reason::kWaits && named.task()->state() == TaskState::kWaiting;
  Store(outcome_->wait_reason, waits ? named.task()->record.wait_reason : 0u);
  Store(outcome_->given_up, uint64_t{turn_} + 1);
}

void Steering::NextTurn() {
  --named_[schedule_.turns[turn_].name].turns_left;
  ++turn_;
  patience_ends_ns_ = kNever;
  if (!IsOver()) {
    Named& next = named_[schedule_.turns[turn_].name];
    next.has_yielded = false;
    next.yields = 0;
  }
  Store(outcome_->turn, uint64_t{turn_});
  if (IsOver()) Store(outcome_->state, static_cast<uint32_t>(State::kThrough));
}

}  // namespace stray::runtime
