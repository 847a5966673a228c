// SPDX-License-Identifier: Apache-2.0
// Goroutines here are records that no scheduler has: the test says what they do.
#include "instrumentation/runtime/steering.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "instrumentation/runtime/kernel.h"

namespace stray::runtime {
namespace {

using steering::Reason;
using steering::State;

class SteeringTest : public testing::Test {
 protected:
  void Follow(const std::string& turns) {
    SteeringSchedule schedule;
    std::string error;
    ASSERT_TRUE(ParseSteeringSchedule("stray-schedule 1\n" + turns, &schedule, &error)) << error;
    steering_ = std::make_unique<Steering>(std::move(schedule), &outcome_);
  }

  Task* Start(const Task* creator) {
    tasks_.push_back(std::make_unique<Task>());
    Task* task = tasks_.back().get();
    task->record.id.store(tasks_.size(), std::memory_order_relaxed);
    task->record.kind = bridge::kGoroutine;
    task->set_state(TaskState::kRunnable);
    steering_->NoteStarted(task, creator);
    return task;
  }
  static void End(Task* task) {
    task->record.id.store(0, std::memory_order_relaxed);
    task->set_state(TaskState::kDead);
  }
  static void Wait(Task* task, WaitReason reason) {
    task->record.wait_reason = static_cast<uint16_t>(reason);
    task->set_state(TaskState::kWaiting);
  }
  // Who runs next of these; null: nobody.
  Task* Choose(const std::vector<Task*>& runnable, int64_t now_ns = 0) {
    const int choice = steering_->Choose(runnable, now_ns);
    is_over_ = choice == Steering::kAnybody;
    return choice < 0 ? nullptr : runnable[static_cast<size_t>(choice)];
  }
  bool Passes(Task* task) { return steering_->Passes(task, false); }
  Reason GivenUp() const { return static_cast<Reason>(outcome_.reason); }
  State OutcomeState() const { return static_cast<State>(outcome_.state); }

  static constexpr int64_t kMuchLater = 3'600'000'000'000;

  steering::SteeringOutcome outcome_ = {};
  std::unique_ptr<Steering> steering_;
  std::vector<std::unique_ptr<Task>> tasks_;
  bool is_over_ = false;
};

TEST_F(SteeringTest, OnlyTheOneWhoseTurnItIsPassesPoints) {
  Follow("turn 1 2\nturn 1.1 1\n");
  Task* main = Start(nullptr);
  EXPECT_EQ(Choose({main}), main);
  EXPECT_TRUE(Passes(main));
  Task* child = Start(main);
  EXPECT_TRUE(Passes(main));
  EXPECT_FALSE(Passes(main)) << "its third";
  EXPECT_EQ(Choose({main, child}), child);
  EXPECT_EQ(outcome_.turn, 1u);
  EXPECT_TRUE(Passes(child));
  EXPECT_FALSE(Passes(child));
  EXPECT_EQ(OutcomeState(), State::kOnTheWay);
  EXPECT_EQ(Choose({main, child}), nullptr);
  EXPECT_TRUE(is_over_);
  EXPECT_TRUE(steering_->IsOver());
  EXPECT_EQ(OutcomeState(), State::kThrough);
  EXPECT_EQ(outcome_.given_up, 0u);
}

TEST_F(SteeringTest, WhoStandsAtAPointPassesItWithTheNextTurn) {
  Follow("turn 1 1\nturn 1.1 0\nturn 1 2\nturn 1.1 3\n");
  Task* main = Start(nullptr);
  EXPECT_EQ(Choose({main}), main);
  Task* child = Start(main);
  EXPECT_TRUE(Passes(main));
  EXPECT_FALSE(Passes(main));
  EXPECT_EQ(Choose({child, main}), child);
  EXPECT_FALSE(Passes(child)) << "not even its first";
  EXPECT_EQ(Choose({child, main}), main);
  EXPECT_FALSE(Passes(main)) << "the second was passed by being chosen";
  EXPECT_EQ(Choose({child, main}), child);
  EXPECT_TRUE(Passes(child));
  EXPECT_TRUE(Passes(child));
  EXPECT_FALSE(Passes(child));
}

TEST_F(SteeringTest, DescentTellsGoroutinesApartNotWhenTheyStarted) {
  Follow("turn 1.2.1 0\nturn 2 0\n");
  Task* main = Start(nullptr);
  Task* first = Start(main);
  Task* second = Start(main);
  Task* of_first = Start(first);
  Task* of_second = Start(second);
  Task* of_nobody = Start(nullptr);
  const std::vector<Task*> all = {main, first, second, of_first, of_second, of_nobody};
  EXPECT_EQ(Choose(all), of_second);
  End(of_second);
  EXPECT_EQ(Choose({main, first, second, of_first, of_nobody}), of_nobody);
}

TEST_F(SteeringTest, ARecordThatIsUsedAgainIsAnotherGoroutine) {
  Follow("turn 1.1 0\nturn 1.2 1\n");
  Task* main = Start(nullptr);
  Task* task = Start(main);
  EXPECT_EQ(Choose({main, task}), task);
  End(task);
  task->record.id.store(77, std::memory_order_relaxed);
  task->set_state(TaskState::kRunnable);
  steering_->NoteStarted(task, main);
  EXPECT_EQ(Choose({main, task}), task);
  EXPECT_EQ(outcome_.turn, 1u);
  EXPECT_EQ(outcome_.given_up, 0u);
}

TEST_F(SteeringTest, ATurnThatAllowsItIsOverWhenItsGoroutineWaitsOrYields) {
  Follow("turn 1 1 -\nturn 1.1 1 -\nturn 1 2\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  EXPECT_EQ(Choose({main, child}), main);
  EXPECT_TRUE(Passes(main));
  Wait(main, WaitReason::kChanReceive);
  EXPECT_EQ(Choose({child}), child);
  EXPECT_TRUE(Passes(child));
  main->set_state(TaskState::kRunnable);
  steering_->NoteYield(child);
  EXPECT_EQ(Choose({main, child}), main);
  EXPECT_EQ(outcome_.turn, 2u);
  EXPECT_EQ(outcome_.given_up, 0u);
}

TEST_F(SteeringTest, AnotherTurnGoesOnOverYields) {
  Follow("turn 1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(Choose({child, main}), main);
    steering_->NoteYield(main);
  }
  EXPECT_TRUE(Passes(main));
}

TEST_F(SteeringTest, WhoYieldsForEverIsGivenUp) {
  Follow("turn 1 1\nturn 1.1 0\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  Task* chosen = main;
  for (int i = 0; i < 100'000 && chosen == main; ++i) {
    chosen = Choose({child, main});
    if (chosen == main) steering_->NoteYield(main);
  }
  EXPECT_EQ(chosen, child);
  EXPECT_EQ(outcome_.given_up, 1u);
  EXPECT_EQ(GivenUp(), Reason::kYields);
}

TEST_F(SteeringTest, AllWaitForOneThatSleepsHoweverLong) {
  Follow("turn 1.1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  Wait(child, WaitReason::kSleep);
  EXPECT_EQ(Choose({main}), nullptr);
  EXPECT_FALSE(is_over_);
  EXPECT_EQ(outcome_.is_held, 1u);
  EXPECT_EQ(Choose({main}, kMuchLater), nullptr);
  EXPECT_FALSE(is_over_);
  EXPECT_EQ(steering_->HeldUntil(), kNever) << "its timer wakes it";
  child->set_state(TaskState::kRunnable);
  EXPECT_EQ(Choose({main, child}), child);
  EXPECT_EQ(outcome_.is_held, 0u);
  EXPECT_EQ(outcome_.given_up, 0u);
}

TEST_F(SteeringTest, OneThatWaitsForSomethingElseIsWaitedForForAWhile) {
  Follow("turn 1.1 1\nturn 1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  Wait(child, WaitReason::kChanReceive);
  EXPECT_EQ(Choose({main}), nullptr) << "it has a turn of its own, later";
  const int64_t until_ns = steering_->HeldUntil();
  EXPECT_GT(until_ns, 0);
  EXPECT_LT(until_ns, kMuchLater);
  EXPECT_EQ(Choose({main}, until_ns - 1), nullptr);
  EXPECT_EQ(Choose({main}, until_ns), main);
  EXPECT_EQ(steering_->HeldUntil(), kNever);
  EXPECT_EQ(outcome_.given_up, 1u);
  EXPECT_EQ(GivenUp(), Reason::kWaits);
  EXPECT_EQ(outcome_.wait_reason, static_cast<uint32_t>(WaitReason::kChanReceive));
}

TEST_F(SteeringTest, WhatComesFromOutsideMayTakeLonger) {
  Follow("turn 1.1 1\nturn 1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  Wait(child, WaitReason::kChanReceive);
  EXPECT_EQ(Choose({main}), nullptr);
  const int64_t inside_ns = steering_->HeldUntil();
  for (const bool is_call : {false, true}) {
    Follow("turn 1.1 1\nturn 1 1\n");
    main = Start(nullptr);
    child = Start(main);
    Wait(child, WaitReason::kIoWait);
    if (is_call) child->set_state(TaskState::kInCall);
    EXPECT_EQ(Choose({main}), nullptr);
    EXPECT_GT(steering_->HeldUntil(), 2 * inside_ns);
    EXPECT_LT(steering_->HeldUntil(), kNever);
  }
}

TEST_F(SteeringTest, MeanwhileThoseRunThatHaveNoTurn) {
  Follow("turn 1.1 1\nturn 1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  Task* other = Start(main);
  Wait(child, WaitReason::kChanReceive);
  EXPECT_EQ(Choose({main, other}), other);
  EXPECT_FALSE(Passes(other)) << "a step at a time";
  child->set_state(TaskState::kRunnable);
  EXPECT_EQ(Choose({main, other, child}), child);
  EXPECT_EQ(outcome_.given_up, 0u);
}

TEST_F(SteeringTest, WhoEndsBeforeItsPointIsTold) {
  Follow("turn 1.1 2\nturn 1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  EXPECT_EQ(Choose({main, child}), child);
  EXPECT_TRUE(Passes(child));
  End(child);
  EXPECT_EQ(Choose({main}), main);
  EXPECT_EQ(outcome_.given_up, 1u);
  EXPECT_EQ(outcome_.points, 1u);
  EXPECT_EQ(GivenUp(), Reason::kEnded);
}

TEST_F(SteeringTest, WhoEndsBehindItsPointHasHadItsTurn) {
  Follow("turn 1.1 1\nturn 1 1\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  EXPECT_EQ(Choose({main, child}), child);
  EXPECT_TRUE(Passes(child));
  End(child);
  EXPECT_EQ(Choose({main}), main);
  EXPECT_EQ(outcome_.given_up, 0u);
}

TEST_F(SteeringTest, WhoIsNeverStartedIsTold) {
  Follow("turn 1.1 0\nturn 1 1\n");
  Task* main = Start(nullptr);
  EXPECT_EQ(Choose({main}), nullptr);
  EXPECT_EQ(Choose({main}, steering_->HeldUntil()), main);
  EXPECT_EQ(outcome_.given_up, 1u);
  EXPECT_EQ(GivenUp(), Reason::kNeverStarted);
}

TEST_F(SteeringTest, OnlyTheFirstTurnThatIsGivenUpIsTold) {
  Follow("turn 1 0\nturn 1.7 0\nturn 1.8 0\nturn 1 1\n");
  Task* main = Start(nullptr);
  EXPECT_EQ(Choose({main}), main);
  EXPECT_FALSE(Passes(main));
  EXPECT_EQ(Choose({main}), nullptr);
  EXPECT_EQ(Choose({main}, steering_->HeldUntil()), nullptr);
  EXPECT_EQ(Choose({main}, steering_->HeldUntil()), main);
  EXPECT_EQ(outcome_.given_up, 2u);
  EXPECT_EQ(outcome_.turn, 3u);
}

TEST_F(SteeringTest, WhoCannotBeStoppedPasses) {
  Follow("turn 1.1 0\nturn 1 3\n");
  Task* main = Start(nullptr);
  Task* child = Start(main);
  EXPECT_EQ(Choose({main, child}), child);
  EXPECT_TRUE(steering_->Passes(main, true));
  EXPECT_TRUE(steering_->Passes(main, true));
  EXPECT_FALSE(Passes(child));
  EXPECT_EQ(Choose({main, child}), main);
  EXPECT_TRUE(Passes(main));
  EXPECT_FALSE(Passes(main));
}

}  // namespace
}  // namespace stray::runtime
