// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/race_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::SizeIs;

// T2 had the earlier access, main (T1) the later one.
class RaceHistoryTest : public testing::Test {
 protected:
  RaceHistoryTest() {
    p_.Main(1).Thread(2).Mutex(7, "m").Rwlock(8, "rw").Object(9, "condition").Object(10, "semaphore");
    for (uint32_t task : {1u, 2u}) {
      report_.add_accesses()->set_task(task);
      report_.add_task_histories()->set_task(task);
    }
  }

  wire::Event& Did(uint32_t task, const char* kind, uint32_t object, uint32_t sequence, const char* place) {
    wire::Event& event = *report_.mutable_task_histories(static_cast<int>(task) - 1)->add_events();
    event.set_kind(kind);
    event.set_object(object);
    event.set_sequence(sequence);
    *event.mutable_site() = p_.SiteOf(place);
    return event;
  }

  std::optional<EvidenceOrder> Order() {
    p_.raw().Index();
    return LastOrder(p_.raw(), report_);
  }

  // The only lock held at the access of `task`.
  wire::Site PlaceOfLock(uint32_t task, uint32_t object) {
    const int index = static_cast<int>(task) - 1;
    report_.mutable_accesses(index)->add_held()->set_object(object);
    const std::vector<EvidenceHeld> held = HeldAt(report_, index);
    EXPECT_THAT(held, SizeIs(1));
    return held.empty() ? wire::Site() : held[0].site;
  }

  ProcessBuilder p_;
  wire::SanitizerReport report_;
};

TEST_F(RaceHistoryTest, ALockThatIsStillHeldWasTakenWhereTheTaskSaysSo) {
  Did(1, "lock", 7, 1, "Elsewhere");
  wire::Held* held = report_.mutable_task_histories(0)->add_held();
  held->set_object(7);
  *held->mutable_site() = p_.SiteOf("Here");
  EXPECT_EQ(PlaceOfLock(1, 7).stack(), p_.SiteOf("Here").stack());
}

TEST_F(RaceHistoryTest, ALockThatWasGivenBackSinceWasTakenAtTheOnlyPlaceThatIsKnown) {
  Did(2, "lock", 7, 1, "Write");
  Did(2, "unlock", 7, 2, "Write");
  Did(2, "lock", 7, 3, "Write");
  EXPECT_EQ(PlaceOfLock(2, 7).stack(), p_.SiteOf("Write").stack());
}

TEST_F(RaceHistoryTest, OfSeveralPlacesNoneIsNamed) {
  Did(2, "lock", 7, 1, "Write");
  Did(2, "unlock", 7, 2, "Write");
  Did(2, "lock", 7, 3, "Other");
  EXPECT_EQ(PlaceOfLock(2, 7).stack(), 0u);
}

TEST_F(RaceHistoryTest, TheLastLockAfterAnUnlockOrdersTheTwo) {
  Did(2, "unlock", 7, 2, "Old");
  Did(2, "unlock", 7, 4, "Write");
  Did(2, "unlock", 7, 8, "Later");  // after main had it: main knows nothing of that
  Did(1, "lock", 7, 3, "First");
  Did(1, "lock", 7, 5, "Second");
  const auto order = Order();
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->from, 2u);
  EXPECT_EQ(order->to, 1u);
  EXPECT_EQ(order->object, 7u);
  EXPECT_EQ(order->released->sequence(), 4u);
  EXPECT_EQ(order->acquired->sequence(), 5u);
}

TEST_F(RaceHistoryTest, SequenceNumbersWrapAround) {
  Did(2, "unlock", 7, (1u << 24) - 1, "Write");
  Did(1, "lock", 7, 3, "Read");
  ASSERT_TRUE(Order().has_value());
}

TEST_F(RaceHistoryTest, WhatHappensTheOtherWayRoundOrdersNothing) {
  Did(1, "unlock", 7, 2, "Main");
  Did(2, "lock", 7, 3, "Write");
  EXPECT_FALSE(Order().has_value());
}

TEST_F(RaceHistoryTest, ReadersLearnNothingOfEachOther) {
  Did(2, "rdlock", 8, 1, "Read");
  Did(2, "rwunlock", 8, 2, "Read");
  Did(1, "rdlock", 8, 3, "Main");
  EXPECT_FALSE(Order().has_value());
  Did(1, "wrlock", 8, 5, "Main");
  EXPECT_TRUE(Order().has_value());
}

TEST_F(RaceHistoryTest, AReaderLearnsOfAWriter) {
  Did(2, "wrlock", 8, 1, "Write");
  Did(2, "rwunlock", 8, 2, "Write");
  Did(1, "rdlock", 8, 3, "Main");
  EXPECT_TRUE(Order().has_value());
}

TEST_F(RaceHistoryTest, WaitingOnAConditionPassesItsMutexOn) {
  p_.object(9).set_mutex(7);
  Did(2, "unlock", 7, 4, "Write");
  Did(1, "wait done", 9, 5, "Await");
  const auto order = Order();
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->object, 7u);
}

TEST_F(RaceHistoryTest, APostOrdersBeforeAWaitOfTheSameSemaphore) {
  Did(2, "post", 10, 1, "Write");
  Did(1, "acquire", 10, 2, "Read");
  EXPECT_TRUE(Order().has_value());
}

TEST_F(RaceHistoryTest, WhereNothingElseDoesCreationOrders) {
  Did(2, "create", 0, 0, "Start").set_task(1);
  const auto order = Order();
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->acquired, nullptr);
  EXPECT_EQ(order->released->kind(), "create");
}

}  // namespace
}  // namespace stray::analyzer
