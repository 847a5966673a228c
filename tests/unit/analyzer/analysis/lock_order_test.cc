// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/lock_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A process without snapshot, main and four threads that live side by side.
ProcessBuilder FourThreads() {
  ProcessBuilder p;
  p.NoSnapshot().Main(1);
  for (uint32_t id = 2; id < 6; ++id) p.Thread(id).Life(id, 1, id);
  return p;
}

TEST(LockOrderTest, OppositeOrdersOfTwoTasksAreReportedOnce) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1, "cart_mu").Mutex(2, "ledger_mu");
  p.Chain({{1}, {2}}, {2}, 2);
  p.Chain({{2}, {1}}, {3, 4}, 3);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("lock-order.cycle x1 T2 T3"));
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].title, "2 mutexes are locked in opposite orders");
  EXPECT_EQ(findings[0].explanation,
            "T2 locked mutex ledger_mu at Take2 (app.cc:2) while it held mutex cart_mu; T3 locked mutex "
            "cart_mu at Take1 "
            "(app.cc:1) while it held mutex ledger_mu. In this run they did so at different moments. If they "
            "do it at the "
            "same time, each waits for the lock that the other one holds, and neither can ever go on.");
  EXPECT_THAT(findings[0].objects, UnorderedElementsAre(1, 2));
}

TEST(LockOrderTest, ARingOfFiveLocksIsFound) {
  ProcessBuilder p = FourThreads();
  p.Thread(6).Life(6, 1, 6);
  for (uint32_t i = 0; i < 5; ++i) p.Mutex(i + 1).Chain({{i + 1}, {(i + 1) % 5 + 1}}, {i + 2}, i + 2);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("lock-order.cycle x1 T2 T3 T4 T5 T6"));
  EXPECT_EQ(findings[0].title, "5 mutexes are locked in orders that form a circle");
}

TEST(LockOrderTest, ARingOfAThousandLocksIsFound) {
  ProcessBuilder p;
  p.NoSnapshot().Main(1);
  for (uint32_t i = 0; i < 1000; ++i) {
    p.Mutex(i + 1).Thread(i + 2).Life(i + 2, 1, i + 2);
    p.Chain({{i + 1}, {(i + 1) % 1000 + 1}}, {i + 2}, i + 2);
  }
  const std::vector<Finding> findings = p.Findings();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].groups.size(), 1000u);
}

TEST(LockOrderTest, OneTaskThatTakesBothOrdersIsNoFinding) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2);
  p.Chain({{1}, {2}}, {2}, 2);
  p.Chain({{2}, {1}}, {2}, 2);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, ThreeEdgesByTwoTasksAreNoFinding) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Mutex(3);
  p.Chain({{1}, {2}}, {2, 3}, 2);
  p.Chain({{2}, {3}}, {2, 3}, 2);
  p.Chain({{3}, {1}}, {2, 3}, 2);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, TasksAreChosenSoThatAllDiffer) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Mutex(3);
  p.Chain({{1}, {2}}, {2, 3, 4}, 4);
  p.Chain({{2}, {3}}, {2, 3}, 4);
  p.Chain({{3}, {1}}, {2}, 4);
  EXPECT_THAT(Summaries(p), ElementsAre("lock-order.cycle x1 T2 T3 T4"));
}

TEST(LockOrderTest, AGateLockAroundBothOrdersIsNoFinding) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Mutex(9);
  p.Chain({{9}, {1}, {2}}, {2}, 2);
  p.Chain({{9}, {2}, {1}}, {3}, 3);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, AGateThatBothOnlyReadIsNoGate) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Rwlock(9);
  p.Chain({{9, 'r'}, {1}, {2}}, {2}, 2);
  p.Chain({{9, 'r'}, {2}, {1}}, {3}, 3);
  EXPECT_THAT(Summaries(p), ElementsAre("lock-order.cycle x1 T2 T3"));
}

TEST(LockOrderTest, AGateTakenByTryIsAGateAllTheSame) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Mutex(9);
  p.Chain({{9, 't'}, {1}, {2}}, {2}, 2);
  p.Chain({{9, 't'}, {2}, {1}}, {3}, 3);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, AGateInOneOfTwoWaysDoesNotHideTheOther) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Mutex(9);
  p.Chain({{9}, {1}, {2}}, {2}, 2);
  p.Chain({{9}, {2}, {1}}, {3}, 3);
  p.Chain({{1}, {2}}, {4}, 4);
  EXPECT_THAT(Summaries(p), ElementsAre("lock-order.cycle x1 T3 T4"));
}

TEST(LockOrderTest, WhoOnlyTriesNeverWaits) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2);
  p.Chain({{1}, {2, 't'}}, {2}, 2);
  p.Chain({{2}, {1}}, {3}, 3);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, WhatATryHasTakenBlocksOthers) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2);
  p.Chain({{1, 't'}, {2}}, {2}, 2);
  p.Chain({{2}, {1}}, {3}, 3);
  EXPECT_THAT(Summaries(p), ElementsAre("lock-order.cycle x1 T2 T3"));
}

TEST(LockOrderTest, ReadersDoNotWaitForReaders) {
  ProcessBuilder p = FourThreads();
  p.Rwlock(1).Rwlock(2);
  p.Chain({{1, 'r'}, {2, 'r'}}, {2}, 2);
  p.Chain({{2, 'r'}, {1, 'r'}}, {3}, 3);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, AReaderWaitsForAWriterAndAWriterForAReader) {
  ProcessBuilder p = FourThreads();
  p.Rwlock(1, "index").Rwlock(2, "data");
  p.Chain({{1, 'r'}, {2}}, {2}, 2);
  p.Chain({{2, 'r'}, {1}}, {3}, 3);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("lock-order.cycle x1 T2 T3"));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("T2 locked rwlock data for writing at Take2 (app.cc:2) while it held "
                        "rwlock index for reading"));
}

TEST(LockOrderTest, ReadingTwiceWithAWriterInAnotherTaskIsPredicted) {
  ProcessBuilder p = FourThreads();
  p.Rwlock(1, "config").Mutex(2);
  p.Chain({{1, 'r'}, {1, 'r'}}, {2}, 2);
  p.Chain({{1}, {2}}, {3}, 3);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("lock-order.cycle x1 T2 T3"));
  EXPECT_THAT(findings[0].explanation,
              HasSubstr("T3 locks it for writing. If T3 begins to wait between the two"));
}

TEST(LockOrderTest, AWriterThatHeldNothingElseIsFoundInTheRings) {
  ProcessBuilder p = FourThreads();
  p.Rwlock(1).Mutex(2);
  p.Chain({{1, 'r'}, {2}, {1, 'r'}}, {2}, 2);
  p.AddEvent(3, "wrlock", 1, 5);
  EXPECT_THAT(Summaries(p), ElementsAre("lock-order.cycle x1 T2 T3"));
}

TEST(LockOrderTest, ReadingTwiceWithoutAWriterOrWithOneLongBeforeIsNoFinding) {
  ProcessBuilder p = FourThreads();
  p.Rwlock(1);
  p.Chain({{1, 'r'}, {1, 'r'}}, {2}, 2);
  p.AddEvent(1, "wrlock", 1, 1);  // main fills the table before it creates anybody
  p.AddEvent(1, "create", 0).set_task(2);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, ARecursiveMutexTakenAgainIsNoOrder) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2);
  p.Chain({{1}, {2}, {1}}, {2}, 2);  // wants 1, which it holds: cannot block
  p.Chain({{1}, {2}}, {3}, 3);
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, OrdersBeforeCreationAndAfterJoinCannotMeet) {
  ProcessBuilder p;
  p.NoSnapshot().Main(1).Thread(2).Mutex(1).Mutex(2).Life(2, 1, 10, 1, 20);
  p.Chain({{1}, {2}}, {1}, 3);
  p.Chain({{2}, {1}}, {2}, 10);
  EXPECT_THAT(Summaries(p), IsEmpty());
  ProcessBuilder q;
  q.NoSnapshot().Main(1).Thread(2).Mutex(1).Mutex(2).Life(2, 1, 10, 1, 20);
  q.Chain({{1}, {2}}, {1}, 20);
  q.Chain({{2}, {1}}, {2}, 10);
  EXPECT_THAT(Summaries(q), IsEmpty());
}

TEST(LockOrderTest, OrdersBeforeAndAfterWithNothingKnownInBetweenAreOnlyAHint) {
  ProcessBuilder p;
  p.NoSnapshot().Main(1).Thread(2).Mutex(1).Mutex(2).Life(2, 1, 10, 1, 20);
  p.Chain({{1}, {2}}, {1}, 3, 20);
  p.Chain({{2}, {1}}, {2}, 10);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("lock-order.cycle x1 T1 T2"));
  EXPECT_EQ(findings[0].confidence, Confidence::kHeuristic);
}

TEST(LockOrderTest, AnOrderThatDidDeadlockIsNotRepeated) {
  ProcessBuilder p("request");
  p.Main(1).Thread(2).Thread(3).Running(1).Mutex(1).Mutex(2).Life(2, 1, 2).Life(3, 1, 3);
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  p.Chain({{1}, {2}}, {2}, 2);
  p.Chain({{2}, {1}}, {3}, 3);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
}

TEST(LockOrderTest, EachOfSeveralEqualDeadlocksStandsForItsOwnLocks) {
  ProcessBuilder p("request");
  p.Main(1).Running(1);
  for (uint32_t a = 10; a < 14; a += 2) {
    const uint32_t b = a + 1;
    p.Mutex(a).Mutex(b).Thread(a).Thread(b).Life(a, 1, a).Life(b, 1, b);
    p.Blocked(a, "pthread_mutex_lock", b).Holds(a, a).Stack(a, {"Transfer"});
    p.Blocked(b, "pthread_mutex_lock", a).Holds(b, b).Stack(b, {"Refund"});
    p.Chain({{a}, {b}}, {a}, a, a, "Transfer");
    p.Chain({{b}, {a}}, {b}, b, b, "Refund");
  }
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x2 T10 T11 T12 T13"));
}

TEST(LockOrderTest, ADeadlockOfAJoinAndALockHidesNoOrderOfThatLock) {
  ProcessBuilder p("request");
  p.Main(1).Running(1).Mutex(1).Mutex(2);
  for (uint32_t id = 2; id < 6; ++id) p.Thread(id).Life(id, 1, id);
  p.Joins(2, 3).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1);
  p.Chain({{1}, {2}}, {4}, 4);
  p.Chain({{2}, {1}}, {5}, 5);
  EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3", "lock-order.cycle x1 T4 T5"));
}

TEST(LockOrderTest, TheSamePlacesWithOtherLocksAreOneFindingWithACount) {
  ProcessBuilder p = FourThreads();
  for (uint32_t account = 10; account < 16; account += 2) {
    p.Mutex(account).Mutex(account + 1);
    p.Chain({{account}, {account + 1}}, {2}, 2, 2, "Transfer");
    p.Chain({{account + 1}, {account}}, {3}, 3, 3, "Refund");
  }
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("lock-order.cycle x3 T2 T3"));
  EXPECT_THAT(findings[0].explanation, HasSubstr("with 3 sets of locks"));
}

TEST(LockOrderTest, LongerCirclesThatContainAShorterOneSayNothingNew) {
  ProcessBuilder p = FourThreads();
  p.Mutex(1).Mutex(2).Mutex(3);
  p.Chain({{1}, {2}}, {2}, 4);
  p.Chain({{2}, {1}}, {3}, 4);
  p.Chain({{2}, {3}}, {4}, 4);
  p.Chain({{3}, {1}}, {5}, 4);
  EXPECT_THAT(Summaries(p), ElementsAre("lock-order.cycle x1 T2 T3"));
}

TEST(LockOrderTest, SeventyLocksHeldAtOnceInOneOrderAreNoFinding) {
  ProcessBuilder p = FourThreads();
  std::vector<ProcessBuilder::Use> held;
  for (uint32_t id = 1; id <= 70; ++id) {
    p.Mutex(id);
    held.push_back({id});
    if (id > 1) p.Chain(held, {2, 3}, 2);
  }
  EXPECT_THAT(Summaries(p), IsEmpty());
}

TEST(LockOrderTest, OneTaskInATangleOfFortyLocksIsDismissedQuickly) {
  ProcessBuilder p = FourThreads();
  for (uint32_t a = 1; a <= 40; ++a) {
    p.Mutex(a);
    for (uint32_t b = 1; b <= 40; ++b) {
      if (a != b) p.Chain({{a}, {b}}, {2}, 2);
    }
  }
  EXPECT_THAT(Summaries(p), IsEmpty());
}

}  // namespace
}  // namespace stray::analyzer
