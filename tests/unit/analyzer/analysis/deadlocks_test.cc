// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/deadlocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// T2 and T3 take two mutexes in opposite orders and meet.
ProcessBuilder OppositeOrders(const std::string& reason) {
  ProcessBuilder p(reason);
  p.Mutex(1, "cart_mu").Mutex(2, "ledger_mu").Main(1).Thread(2, "flusher").Thread(3, "writer");
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  return p;
}

TEST(DeadlocksTest, TwoThreadsInOppositeOrdersAreACycleWhileTheRestLives) {
  ProcessBuilder p = OppositeOrders("request");
  p.Running(1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3"));
  EXPECT_EQ(findings[0].explanation,
            "Two threads wait for each other: T2 \"flusher\" waits for mutex ledger_mu, which T3 \"writer\" "
            "locked at "
            "Lock2 (app.cc:4); T3 \"writer\" waits for mutex cart_mu, which T2 \"flusher\" locked at Lock1 "
            "(app.cc:2). "
            "Neither can go on before the other does, so neither ever will.");
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
  EXPECT_THAT(findings[0].objects, UnorderedElementsAre(1, 2));
  EXPECT_EQ(findings[0].groups[0].tasks[0].waits_for_task, 3u);
}

TEST(DeadlocksTest, AllBlockedIsOneFindingBesideTheCircle) {
  ProcessBuilder p = OppositeOrders("hang");
  p.Joins(1, 2);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3", "deadlock.all x1 T1 T2 T3"));
}

TEST(DeadlocksTest, AtExitTheCircleIsReportedAndItsMembersAreNotLeaks) {
  ProcessBuilder p = OppositeOrders("exit");
  p.Ender(1);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
}

TEST(DeadlocksTest, ARingOfFiveIsOneCircle) {
  ProcessBuilder p("request");
  p.Main(1).Running(1);
  for (uint32_t i = 0; i < 5; ++i) {
    p.Mutex(i + 1).Thread(i + 2).Blocked(i + 2, "pthread_mutex_lock", (i + 1) % 5 + 1).Holds(i + 2, i + 1);
  }
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3 T4 T5 T6"));
  EXPECT_EQ(findings[0].groups.size(), 5u);
  EXPECT_EQ(findings[0].title, "Deadlock of 5 threads");
}

TEST(DeadlocksTest, CirclesWithTheSameStacksAreOneFindingWithACount) {
  ProcessBuilder p("request");
  p.Main(1).Running(1);
  for (uint32_t i = 0; i < 3; ++i) {
    const uint32_t a = 2 + 2 * i, b = a + 1;
    p.Mutex(a).Mutex(b).Thread(a).Thread(b);
    p.Blocked(a, "pthread_mutex_lock", b).Holds(a, a).Stack(a, {"Flush", "Loop"});
    p.Blocked(b, "pthread_mutex_lock", a).Holds(b, b).Stack(b, {"Post", "Loop"});
  }
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x3 T2 T3 T4 T5 T6 T7"));
  ASSERT_EQ(findings[0].groups.size(), 2u);
  EXPECT_EQ(findings[0].groups[0].tasks.size(), 3u);
  EXPECT_THAT(findings[0].explanation, HasSubstr("in 3 separate circles"));
}

TEST(DeadlocksTest, JoiningAThreadThatWantsWhatTheJoinerHoldsIsACircle) {
  ProcessBuilder p("request");
  p.Mutex(1, "mu").Main(1).Thread(2).Thread(3).Running(3).Joins(1, 2).Holds(1, 1).Blocked(
      2, "pthread_mutex_lock", 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T1 T2"));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("main waits in pthread_join for T2 to end; T2 waits for mutex mu, "
                        "which main locked at Lock1"));
}

TEST(DeadlocksTest, ThreadsThatJoinEachOtherAreACircle) {
  ProcessBuilder p("request");
  p.Main(1).Thread(2).Thread(3).Running(1).Joins(2, 3).Joins(3, 2);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
}

TEST(DeadlocksTest, TwoReadersThatBothWantToWriteAreOneCircle) {
  ProcessBuilder p("request");
  p.Rwlock(1).Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_rwlock_wrlock", 1).Reads(2, 1).Blocked(3, "pthread_rwlock_wrlock", 1).Reads(3, 1);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
}

TEST(DeadlocksTest, FiftyReadersThatAllWantToWriteAreOneCircleAndNotThousands) {
  ProcessBuilder p("request");
  p.Rwlock(1).Main(1).Running(1);
  for (uint32_t id = 2; id < 52; ++id) p.Thread(id).Blocked(id, "pthread_rwlock_wrlock", 1).Reads(id, 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].count, 1u);
  EXPECT_EQ(findings[0].title, "Deadlock of 50 threads");
}

TEST(DeadlocksTest, ASecondReadLockBehindAWaitingWriterIsACircleWithThatWriter) {
  ProcessBuilder p("request");
  p.Rwlock(1, "config").Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_rwlock_rdlock", 1).Reads(2, 1).Blocked(3, "pthread_rwlock_wrlock", 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3"));
  EXPECT_THAT(
      findings[0].explanation,
      HasSubstr("T2 waits to read rwlock config behind T3, which waits to write it; T3 waits to write rwlock "
                "config, which T2 locked for reading"));
}

TEST(DeadlocksTest, AConditionWaitThatCannotGetItsMutexBackIsPartOfACircle) {
  ProcessBuilder p("request");
  p.Object(1, "condition", "cv").Mutex(2, "inner").Mutex(3, "outer").Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_cond_wait", 1).Holds(2, 3);
  p.state(2).set_mutex(2);
  p.Blocked(3, "pthread_mutex_lock", 3).Holds(3, 2);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3"));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("T2 waits in pthread_cond_wait on condition cv and needs mutex inner "
                        "back, which T3 locked"));
}

TEST(DeadlocksTest, OnceThatNeedsAnotherOnceInAnotherThreadIsACircle) {
  ProcessBuilder p("request");
  p.Object(1, "once", "config_once").Object(2, "once", "log_once").Main(1).Thread(2).Thread(3).Running(1);
  p.object(1).set_holder(2);
  p.object(2).set_holder(3);
  p.Blocked(2, "pthread_once", 2).Blocked(3, "pthread_once", 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3"));
  EXPECT_THAT(findings[0].explanation, HasSubstr("T2 waits for once log_once, which T3 is running"));
}

TEST(DeadlocksTest, ALoneThreadThatLocksTwiceIsASelfDeadlockAndNothingElse) {
  ProcessBuilder p("hang");
  p.Mutex(1, "mu").Main(1).Blocked(1, "pthread_mutex_lock", 1).Holds(1, 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.self x1 T1"));
  EXPECT_EQ(findings[0].title, "Thread waits for a mutex that it holds itself");
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("Main waits for mutex mu, which it has locked itself before, at Lock1"));
}

TEST(DeadlocksTest, ASelfDeadlockThatTheRestWaitsForIsBesideDeadlockOfAll) {
  ProcessBuilder p("hang");
  p.Mutex(1).Main(1).Thread(2).Joins(1, 2).Blocked(2, "pthread_mutex_lock", 1).Holds(2, 1);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.self x1 T2", "deadlock.all x1 T1 T2"));
}

TEST(DeadlocksTest, AReaderThatAsksForTheWriteLockIsASelfDeadlock) {
  ProcessBuilder p("hang");
  p.Rwlock(1, "table").Main(1).Blocked(1, "pthread_rwlock_wrlock", 1).Reads(1, 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.self x1 T1"));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("Main waits to write rwlock table, which it has locked for reading itself"));
}

TEST(DeadlocksTest, RecursiveOnceIsASelfDeadlock) {
  ProcessBuilder p("hang");
  p.Object(1, "once").Main(1).Blocked(1, "pthread_once", 1);
  p.object(1).set_holder(1);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.self x1 T1"));
}

TEST(DeadlocksTest, EverybodyWaitingOnConditionsIsADeadlockOfAll) {
  ProcessBuilder p("hang");
  p.Object(1, "condition", "work").Main(1).Joins(1, 2);
  for (uint32_t id = 2; id < 6; ++id)
    p.Thread(id).Blocked(id, "pthread_cond_wait", 1).Stack(id, {"Wait", "Worker"});
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.all x1 T1 T2 T3 T4 T5"));
  EXPECT_EQ(findings[0].title, "All 5 tasks are blocked for ever");
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("4 tasks wait in pthread_cond_wait on condition work; main waits in "
                        "pthread_join for T2 to end"));
}

TEST(DeadlocksTest, InputOutputTimeoutsAndUnknownThreadsAreNoDeadlockOfAll) {
  for (const char* reason : {"read", "nanosleep", "poll", "waitpid"}) {
    ProcessBuilder p("hang");
    p.Main(1).Thread(2).Blocked(1, "pthread_cond_wait").Blocked(2, reason);
    EXPECT_THAT(Summaries(p), IsEmpty()) << reason;
  }
  ProcessBuilder p("hang");
  p.info().set_unknown_threads(2);
  p.Main(1).Blocked(1, "pthread_cond_wait");
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(DeadlocksTest, ALockThatNobodyIsKnownToHoldIsStuckOnceNobodyIsLeft) {
  ProcessBuilder p("hang");
  p.process_record().set_forked_from(4700);
  p.Mutex(1, "log_mu").Main(1).Blocked(1, "pthread_mutex_lock", 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.all x1 T1"));
  EXPECT_THAT(
      findings[0].explanation,
      HasSubstr("No thread of this process holds mutex log_mu: it was probably locked in the parent process"));
}

TEST(DeadlocksTest, TasksThatCouldNotBeRecordedMayStillWakeTheOthers) {
  ProcessBuilder p("hang");
  p.Main(1).Blocked(1, "sem_wait");
  wire::LossCount& loss = p.raw().losses.emplace_back();
  loss.set_word("tasks");
  loss.set_count(3);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(DeadlocksTest, AProcessKilledWhileAllWereBlockedIsLikelyDeadlocked) {
  ProcessBuilder p("post_mortem");
  p.Main(1).Thread(2).Joins(1, 2).Blocked(2, "sem_wait");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.all x1 T1 T2"));
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
}

TEST(DeadlocksTest, AThreadNotInTheCircleDoesNotHideIt) {
  ProcessBuilder p = OppositeOrders("request");
  p.Running(1);
  for (uint32_t id = 10; id < 60; ++id) p.Thread(id).Blocked(id, "pthread_cond_wait");
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
}

TEST(DeadlocksTest, StacksMissingAfterDeathComeFromAnEarlierSnapshotOfTheSameWait) {
  ProcessBuilder p = OppositeOrders("hang");
  p.Running(1);
  const uint32_t stack = p.StackOf({"Append", "Flush"});
  p.state(2).set_stack(stack);
  p.NextSnapshot("post_mortem").Blocked(1, "read").Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1);
  p.Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  p.state(2).set_stack(0);
  p.state(3).set_stack(0);
  p.state(3).set_since_ns(77);  // another wait than in the earlier snapshot
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3"));
  EXPECT_FALSE(findings[0].groups[0].tasks[0].stacks[0].missing);
  EXPECT_EQ(findings[0].groups[0].tasks[0].stacks[0].addresses.size(), 2u);
  EXPECT_TRUE(findings[0].groups[1].tasks[0].stacks[0].missing);
}

}  // namespace
}  // namespace stray::analyzer
