// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(LeaksTest, AThreadOnAConditionNobodyCanSignalIsBlockedForEver) {
  ProcessBuilder p("exit");
  p.Object(1, "condition", "work").Main(1).Thread(2, "worker").Ender(1).Blocked(2, "pthread_cond_wait", 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.blocked x1 T2"));
  EXPECT_EQ(findings[0].title, "Thread blocked for ever in pthread_cond_wait");
  EXPECT_EQ(findings[0].explanation,
            "T2 \"worker\" waits in pthread_cond_wait on condition work. Another thread would have to signal "
            "it, but the "
            "program has ended and it is the only thread left.");
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
}

TEST(LeaksTest, WhoSignalledLastIsNamed) {
  ProcessBuilder p("exit");
  p.Object(1, "condition")
      .Main(1)
      .Thread(2)
      .Finished(3, "producer")
      .Ender(1)
      .Blocked(2, "pthread_cond_wait", 1);
  *p.AddEvent(3, "signal", 1, 7).mutable_site() = p.SiteOf("Produce");
  *p.AddEvent(1, "broadcast", 1, 4).mutable_site() = p.SiteOf("main");
  EXPECT_THAT(
      p.Findings()[0].explanation,
      HasSubstr("The last thread to do so was T3 \"producer\" at Produce (app.cc:3), which has ended since."));
}

TEST(LeaksTest, ThirtyEightEqualThreadsAreOneFinding) {
  ProcessBuilder p("exit");
  p.Object(1, "semaphore", "slots").Main(1).Ender(1);
  for (uint32_t id = 2; id < 40; ++id) {
    p.Thread(id).Blocked(id, "sem_wait", 1).Stack(id, {"Acquire", "Fetch"}).CreatedAt(id, {"Checkout", "main"});
  }
  const std::vector<Finding> findings = p.Findings();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].count, 38u);
  ASSERT_EQ(findings[0].groups.size(), 1u);
  EXPECT_EQ(findings[0].groups[0].tasks.size(), 38u);
  EXPECT_THAT(findings[0].explanation, HasSubstr("38 threads wait in sem_wait on semaphore slots."));
  EXPECT_THAT(findings[0].explanation, HasSubstr("every thread that is left is blocked for ever as well"));
}

TEST(LeaksTest, OtherStacksAndOtherCreationSitesAreOtherFindings) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1);
  for (uint32_t id = 2; id < 5; ++id) p.Thread(id).Blocked(id, "sem_wait").Stack(id, {"Wait"});
  p.CreatedAt(2, {"A"}).CreatedAt(3, {"A"}).CreatedAt(4, {"B"});
  EXPECT_THAT(Summaries(p), ElementsAre("leak.blocked x2 T2 T3", "leak.blocked x1 T4"));
}

TEST(LeaksTest, EqualStacksWithDifferentIdsAreOneStack) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1).Thread(2).Thread(3).Blocked(2, "sem_wait").Blocked(3, "sem_wait");
  p.Stack(2, {"Wait", "Work"});
  wire::Stack copy = p.raw().stacks.back();
  copy.set_id(900);
  p.raw().stacks.push_back(copy);
  p.state(3).set_stack(900);
  EXPECT_THAT(Summaries(p), ElementsAre("leak.blocked x2 T2 T3"));
}

TEST(LeaksTest, AMutexWhoseHolderEndedNamesTheHolder) {
  ProcessBuilder p("exit");
  p.Mutex(1, "mu").Main(1).Finished(2, "worker").Thread(3).Ender(1).Blocked(3, "pthread_mutex_lock", 1);
  p.AddMisuse("ended-holding", 2, 1, "Worker");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), Contains(std::string("leak.blocked x1 T3")));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("T3 waits for mutex mu. T2 \"worker\" locked it and ended without unlocking it."));
}

TEST(LeaksTest, AMutexHeldByWhoeverEndedTheProgramStaysLocked) {
  ProcessBuilder p("exit");
  p.Mutex(1, "mu").Main(1).Thread(2).Ender(1).Holds(1, 1).Blocked(2, "pthread_mutex_lock", 1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.blocked x1 T2"));
  EXPECT_THAT(
      findings[0].explanation,
      HasSubstr("Main locked it at Lock1 (app.cc:2), has ended the program and will not release it any more."));
}

TEST(LeaksTest, ABarrierShortOfOneSaysHowManyCame) {
  ProcessBuilder p("exit");
  p.Object(1, "barrier", "start").Main(1).Ender(1);
  p.object(1).set_value(3);
  for (uint32_t id : {2, 3}) p.Thread(id).Blocked(id, "pthread_barrier_wait", 1).Stack(id, {"Arrive"});
  EXPECT_THAT(p.Findings()[0].explanation, HasSubstr("The barrier needs 3 threads and 2 have arrived, but"));
}

TEST(LeaksTest, AJoinOfAStuckThreadIsAConsequenceOfItsBeingStuck) {
  ProcessBuilder p("exit");
  p.Main(1).Thread(2).Thread(3).Ender(1).Joins(2, 3).Blocked(3, "sem_wait");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.blocked x1 T3 > T2"));
  EXPECT_THAT(findings[0].explanation, HasSubstr(" As a consequence 1 more thread is blocked for ever: T2."));
  EXPECT_EQ(findings[0].consequences[0].tasks[0].waits_for_task, 3u);
}

TEST(LeaksTest, AllThatHangBehindOneLeakAreInItsFindingWhereverTheyWait) {
  ProcessBuilder p("exit");
  p.Mutex(1, "mu").Mutex(2, "second").Main(1).Ender(1);
  p.Thread(2, "holder").Blocked(2, "sem_wait").Holds(2, 1);
  p.Thread(3).Blocked(3, "pthread_mutex_lock", 1).Stack(3, {"Get"}).Holds(3, 2);
  p.Thread(4).Blocked(4, "pthread_mutex_lock", 1).Stack(4, {"Put"});
  p.Thread(5).Blocked(5, "pthread_mutex_lock", 2);
  p.Thread(6).Joins(6, 5);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.blocked x1 T2 > T3 T4 T5 T6"));
  EXPECT_EQ(findings[0].consequences.size(), 4u);
  EXPECT_EQ(findings[0].title, "Thread blocked for ever in sem_wait");
}

TEST(LeaksTest, WhoHangsBehindATaskThatIsNotReportedIsReportedItself) {
  // T2 is of a library that is ignored; what it keeps from going on is the program's own.
  ProcessBuilder p("exit");
  p.Mutex(1, "mu").Main(1).Ender(1).Thread(2, "jemalloc_bg_thd").Blocked(2, "pthread_cond_wait").Holds(2, 1);
  p.Thread(3).Blocked(3, "pthread_mutex_lock", 1).Thread(4).Joins(4, 3);
  EXPECT_THAT(Summaries(p), ElementsAre("leak.blocked x1 T3 > T4"));
}

TEST(LeaksTest, AllThatWantALockWhoseHolderHasEndedAreOneFinding) {
  ProcessBuilder p("exit");
  p.Mutex(1, "mu").Mutex(2, "other").Main(1).Ender(1).Finished(2, "careless");
  p.task(2).set_joined(true);
  p.AddMisuse("ended-holding", 2, 1, "Worker");
  p.Thread(3).Blocked(3, "pthread_mutex_lock", 1).Stack(3, {"Get"});
  p.Thread(4).Blocked(4, "pthread_mutex_lock", 1).Stack(4, {"Put"});
  p.Thread(5).Joins(5, 4);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.blocked x2 T3 T4 > T5", "sync.misuse x1 T2"));
  EXPECT_THAT(findings[0].explanation, HasSubstr("T2 \"careless\" locked it"));
  EXPECT_THAT(findings[0].explanation, HasSubstr("and ended without unlocking it."));
}

TEST(LeaksTest, ThreadsBehindACircleAreItsConsequencesAtExit) {
  ProcessBuilder p("exit");
  p.Mutex(1).Mutex(2).Main(1).Thread(2).Thread(3).Thread(4).Ender(1);
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2).Joins(4, 2);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3 > T4"));
  EXPECT_THAT(findings[0].explanation, HasSubstr(" As a consequence 1 more thread is blocked for ever: T4."));
}

TEST(LeaksTest, RunningSleepingAndReadingThreadsAreAliveAndOnlyLikelyLeaks) {
  ProcessBuilder p("exit");
  p.Main(1)
      .Thread(2)
      .Thread(3)
      .Thread(4, "reader")
      .Ender(1)
      .Running(2)
      .Blocked(3, "nanosleep")
      .Blocked(4, "read");
  p.state(4).set_address(7);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.alive x1 T2", "leak.alive x1 T3", "leak.alive x1 T4"));
  EXPECT_EQ(findings[0].title, "Thread still running when the program ended");
  EXPECT_EQ(findings[1].title, "Thread still sleeping when the program ended");
  EXPECT_EQ(findings[2].explanation,
            "T4 \"reader\" was still alive when the program ended: it waits in read on descriptor 7. Only the "
            "outside "
            "world, such as a peer or the kernel, can end that wait.");
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
}

TEST(LeaksTest, APipeWithBothEndsInTheProcessIsStillTheOutside) {
  ProcessBuilder p("exit");
  p.Main(1).Thread(2).Thread(3).Ender(1).Blocked(2, "read").Blocked(3, "pthread_cond_wait");
  EXPECT_THAT(Summaries(p), ElementsAre("leak.alive x1 T2", "leak.alive x1 T3"));
}

TEST(LeaksTest, AWaiterWithALiveWakerIsAliveAndTheWakerIsNamed) {
  ProcessBuilder p("exit");
  p.Main(1).Thread(2).Thread(3, "poller").Ender(1).Blocked(2, "pthread_cond_wait").Blocked(3, "nanosleep");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.alive x1 T2", "leak.alive x1 T3"));
  EXPECT_THAT(findings[0].explanation, HasSubstr("T3 \"poller\", still alive as well, could have woken it."));
}

TEST(LeaksTest, RunningThreadsAreGroupedByWhereTheyComeFromAndNotByWhereTheyAre) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1);
  for (uint32_t id = 2; id < 6; ++id) p.Thread(id).Running(id).CreatedAt(id, {"StartAll"});
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.alive x4 T2 T3 T4 T5"));
  EXPECT_EQ(findings[0].groups.size(), 4u);  // their stacks are all shown
}

TEST(LeaksTest, TheTaskThatEndedTheProgramIsNoLeakAndNeitherIsMain) {
  ProcessBuilder p("quick_exit");
  p.Main(1).Thread(2).Ender(2).Joins(1, 2);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LeaksTest, ThreadsStillInsideExitHandlersAreNoLeaks) {
  ProcessBuilder p("quick_exit");
  p.Main(1).Thread(2).Thread(3).Ender(2).Running(3).Blocked(1, "nanosleep");
  p.state(3).set_in_exit(true);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LeaksTest, NothingIsALeakWhileTheProgramRuns) {
  for (const char* reason : {"request", "hang", "crash", "post_mortem"}) {
    ProcessBuilder p(reason);
    p.Main(1).Thread(2).Thread(3).Finished(4).Running(1).Blocked(2, "read").Blocked(3, "pthread_cond_wait");
    EXPECT_THAT(Summaries(p), IsEmpty()) << reason;
  }
}

TEST(LeaksTest, WhatIsProvedStuckIsReportedWhileTheProgramRuns) {
  ProcessBuilder p("request");
  p.Mutex(1, "mu").Main(1).Finished(2).Thread(3).Running(1).Blocked(3, "pthread_mutex_lock", 1);
  p.AddMisuse("ended-holding", 2, 1, "Worker");
  EXPECT_THAT(Summaries(p), ElementsAre("leak.blocked x1 T3", "sync.misuse x1 T2"));
}

TEST(LeaksTest, TasksBehindADeadlockAreItsConsequencesWhileTheProgramRuns) {
  ProcessBuilder p("request");
  p.Mutex(1, "a").Mutex(2, "b").Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  p.Thread(4)
      .Blocked(4, "pthread_mutex_lock", 1)
      .Thread(5)
      .Joins(5, 4)
      .Thread(6)
      .Blocked(6, "pthread_mutex_lock", 2);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3 > T4 T5 T6"));
  EXPECT_EQ(findings[0].consequences.size(), 3u);
  EXPECT_EQ(findings[0].count, 1u);
}

TEST(LeaksTest, DeadlockOfAllListsTheTasksSoLeaksDoNotRepeatThem) {
  ProcessBuilder p("hang");
  p.Main(1).Thread(2).Joins(1, 2).Blocked(2, "sem_wait");
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.all x1 T1 T2"));
}

TEST(LeaksTest, BackgroundThreadsOfLibrariesAreNoLeaksUnlessAskedFor) {
  for (bool ignores : {true, false}) {
    ProcessBuilder p("exit");
    p.Main(1).Thread(2, "jemalloc_bg_thd").Ender(1).Blocked(2, "pthread_cond_wait");
    AnalysisOptions options;
    options.default_ignores = ignores;
    EXPECT_EQ(p.Findings(options).size(), ignores ? 0u : 1u);
  }
}

TEST(LeaksTest, AHundredThousandTasksInFiftyGroupsAreFiftyFindings) {
  ProcessBuilder p("exit");
  p.Object(1, "condition", "work").Main(1).Ender(1);
  for (uint32_t id = 2; id < 100'002; ++id) {
    p.raw().tasks.emplace_back().set_id(id);
    p.raw().tasks.back().set_create_stack(p.StackOf({absl::StrCat("Start", id % 50), "main"}));
    wire::TaskState& state = p.raw().snapshots[0].tasks.emplace_back();
    state.set_task(id);
    state.set_state("blocked");
    state.set_wait_reason("pthread_cond_wait");
    state.set_object(1);
    state.set_stack(p.StackOf({absl::StrCat("Wait", id % 50), "Worker"}));
  }
  const std::vector<Finding> findings = p.Findings();
  ASSERT_EQ(findings.size(), 50u);
  EXPECT_EQ(findings[0].count, 2000u);
}

}  // namespace
}  // namespace stray::analyzer
