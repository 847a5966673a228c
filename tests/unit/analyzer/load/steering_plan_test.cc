// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/steering_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/wire/black_box.h"
#include "analyzer/load/recorded_findings.h"
#include "tests/unit/analyzer/load/recorded_events.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using trace::Op;

constexpr uint64_t kA = 0x1000, kB = 0x1100, kC = 0x1200, kX = 0x7000;

// A program of goroutines on one thread: fiber N is goroutine N.
class Program {
 public:
  void Start(uint64_t fiber) {
    events_.Ordered(1, Op::kFiberCreate, 0, fiber);
    events_.Words(1, {trace::FirstWord(Op::kFiberName, 0, fiber), fiber});
  }
  void Run(uint64_t fiber) { events_.Ordered(1, Op::kFiberSwitch, 0, fiber); }
  void Point() { events_.Plain(1, Op::kPoint, 0); }
  void Lock(uint64_t lock, uint64_t site = 0) {
    Point();
    LockAtOnce(lock, site);
  }
  void LockAtOnce(uint64_t lock, uint64_t site = 0) { events_.Ordered(1, Op::kLockTaken, 0, lock, site); }
  void Unlock(uint64_t lock) { events_.Ordered(1, Op::kLockGiven, 0, lock); }
  void Look(uint64_t flag) { events_.Ordered(1, Op::kAcquire, trace::kOrderOnly, flag); }
  void Write(uint64_t site) { events_.Write(1, kX, 4, site); }
  void LockBoth(uint64_t first, uint64_t second) {
    Lock(first);
    Lock(second);
    Unlock(second);
    Unlock(first);
  }

  // A process whose dump has this trace and what was found in it.
  void Finish(ProcessModel& process) {
    process.trace_blocks = events_.Blocks();
    std::vector<std::string> damage;
    AddRecordedFindings(process, damage);
    EXPECT_THAT(damage, IsEmpty());
  }

 private:
  RecordedEvents events_;
};

// The turns towards the first report, without the line that tells the format.
std::string TurnsOf(ProcessModel& process, bool is_reversed = false) {
  if (process.sanitizer_reports.empty()) return "nothing is found";
  absl::StatusOr<FoundWitness> found = FindWitness(process, process.sanitizer_reports[0]);
  if (!found.ok()) return found.status().ToString();
  const std::string text = PlanSteering(*found, is_reversed).Text("", 1);
  return text.substr(text.find('\n') + 1);
}

TEST(SteeringPlanTest, OfADeadlockEachStandsBeforeItsLockAndThenTakesIt) {
  Program program;
  program.Start(1);
  program.Run(1);
  program.Start(2);
  program.Point();
  program.Start(3);
  program.Point();
  program.Run(2);
  program.LockBoth(kA, kB);
  program.Run(3);
  program.LockBoth(kB, kA);
  ProcessModel process;
  program.Finish(process);
  EXPECT_EQ(TurnsOf(process), "turn 1 1\nturn 1.1 1\nturn 1.2 1\nturn 1.1 2 -\nturn 1.2 2 -\n");
}

TEST(SteeringPlanTest, OfARaceBothComeToTheirAccesses) {
  Program program;
  program.Start(1);
  program.Run(1);
  program.Start(2);
  program.Point();
  program.Start(3);
  program.Point();
  program.Run(2);
  program.Write(0x401000);
  program.Lock(kA);
  program.Unlock(kA);
  program.Run(3);
  program.Lock(kA);
  program.Unlock(kA);
  program.Write(0x402000);
  ProcessModel process;
  program.Finish(process);
  ASSERT_THAT(process.sanitizer_reports, SizeIs(1));
  EXPECT_EQ(process.sanitizer_reports[0].kind(), "predicted-race");
  EXPECT_EQ(TurnsOf(process), "turn 1 1\nturn 1.2 1 -\nturn 1.1 0\nturn 1.2 1\n");
  EXPECT_EQ(TurnsOf(process, true), "turn 1 1\nturn 1.2 1\nturn 1.1 0\n");
}

// What the runtime looks at before it takes a lock belongs to that, and would take it.
TEST(SteeringPlanTest, WhoHasOnlyLookedStandsBefore) {
  Program program;
  program.Start(1);
  program.Run(1);
  program.Start(2);
  program.Start(3);
  for (const uint64_t fiber : {2, 3}) {
    program.Run(fiber);
    const uint64_t first = fiber == 2 ? kA : kB, second = fiber == 2 ? kB : kA;
    program.Lock(first);
    program.Point();
    program.Look(0x9000);
    program.LockAtOnce(second);
    program.Unlock(second);
    program.Unlock(first);
  }
  ProcessModel process;
  program.Finish(process);
  EXPECT_EQ(TurnsOf(process), "turn 1 0\nturn 1.1 1\nturn 1.2 1\nturn 1.1 2 -\nturn 1.2 2 -\n");
}

TEST(SteeringPlanTest, LocksWithoutAPointBetweenThemAreOneStep) {
  Program program;
  program.Start(1);
  program.Start(2);
  program.Run(1);
  program.LockAtOnce(kA);
  program.LockAtOnce(kB);
  program.Unlock(kB);
  program.Unlock(kA);
  program.Run(2);
  program.LockAtOnce(kB);
  program.LockAtOnce(kA);
  program.Unlock(kA);
  program.Unlock(kB);
  ProcessModel process;
  program.Finish(process);
  absl::StatusOr<FoundWitness> found = FindWitness(process, process.sanitizer_reports.at(0));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(PlanSteering(*found, false).is_one_step);
}

TEST(SteeringPlanTest, ThreadsAreNamedAndNotSteered) {
  RecordedEvents events;
  for (const uint32_t thread : {1, 2}) {
    events.Ordered(thread, Op::kLockTaken, 0, thread == 1 ? kA : kB);
    events.Ordered(thread, Op::kLockTaken, 0, thread == 1 ? kB : kA);
    events.Ordered(thread, Op::kLockGiven, 0, thread == 1 ? kB : kA);
    events.Ordered(thread, Op::kLockGiven, 0, thread == 1 ? kA : kB);
  }
  ProcessModel process;
  process.trace_blocks = events.Blocks();
  std::vector<std::string> damage;
  AddRecordedFindings(process, damage);
  absl::StatusOr<FoundWitness> found = FindWitness(process, process.sanitizer_reports.at(0));
  ASSERT_TRUE(found.ok()) << found.status();
  const SteeringPlan plan = PlanSteering(*found, false);
  EXPECT_THAT(plan.threads, ElementsAre(1, 2));
  EXPECT_THAT(plan.turns, IsEmpty());
}

TEST(SteeringPlanTest, EachReportHasItsOwnWitness) {
  Program program;
  program.Start(1);
  program.Start(2);
  program.Start(3);
  program.Run(1);
  program.LockBoth(kA, kB);
  program.Run(2);
  program.LockBoth(kB, kA);
  program.LockBoth(kC, kB);
  program.Run(3);
  program.LockBoth(kB, kC);
  ProcessModel process;
  program.Finish(process);
  ASSERT_THAT(process.sanitizer_reports, SizeIs(2));
  std::vector<std::string> tails;
  for (const wire::SanitizerReport& report : process.sanitizer_reports) {
    absl::StatusOr<FoundWitness> found = FindWitness(process, report);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->witness.next.size(), 2u);
    EXPECT_TRUE(found->is_deadlock);
    const std::string text = PlanSteering(*found, false).Text("", 1);
    tails.push_back(text.substr(text.size() - 22));
  }
  EXPECT_THAT(tails, ElementsAre("turn 1 2 -\nturn 2 2 -\n", "turn 2 4 -\nturn 3 2 -\n"));
}

TEST(SteeringPlanTest, AnOutcomeAndASeedStandAboveTheTurns) {
  const SteeringPlan plan = {
      .names = {{"1", 0}}, .turns = {{0, 3, true, 0}}, .threads = {}, .is_one_step = false};
  EXPECT_EQ(plan.Text("/run/outcome", 7), "stray-schedule 1\noutcome /run/outcome\nseed 7\nturn 1 3 -\n");
  EXPECT_EQ(plan.Text("", 1), "stray-schedule 1\nturn 1 3 -\n");
}

TEST(SteeringPlanTest, WithoutTheTraceThereIsNoWitness) {
  Program program;
  program.Start(1);
  program.Start(2);
  program.Run(1);
  program.LockBoth(kA, kB);
  program.Run(2);
  program.LockBoth(kB, kA);
  ProcessModel process;
  program.Finish(process);
  const std::vector<wire::TraceBlock> blocks = process.trace_blocks;
  const wire::SanitizerReport report = process.sanitizer_reports.at(0);
  process.trace_blocks.clear();
  EXPECT_TRUE(absl::IsNotFound(FindWitness(process, process.sanitizer_reports[0]).status()));
  // Of another trace.
  process.sanitizer_reports[0].set_origin("trace:4711");
  process.trace_blocks = blocks;
  EXPECT_TRUE(absl::IsNotFound(FindWitness(process, process.sanitizer_reports[0]).status()));
  EXPECT_THAT(process.trace_blocks, SizeIs(blocks.size())) << "it is still there";
}

}  // namespace
}  // namespace stray::analyzer
