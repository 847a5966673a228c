// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/trace_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/trace/trace_text.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string WhyNot(absl::string_view text) {
  const Trace trace = TraceOf(text);
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  return index.ok() ? "" : std::string(index.status().message());
}

std::vector<uint32_t> NeedsOf(const TraceIndex& index, EventIndex event) {
  std::vector<uint32_t> needs;
  for (uint32_t task = 0; task < index.task_count(); ++task) needs.push_back(index.NeedOf(event, task));
  return needs;
}

TEST(TraceIndexTest, WhatNoProgramCanDoIsRefused) {
  EXPECT_EQ(WhyNot("1:acq l; 2:acq l"), "event 2, T2|acq(l)|2: T1 has it");
  EXPECT_EQ(WhyNot("1:acq l; 2:rel l"), "event 2, T2|rel(l)|2: T1 has it");
  EXPECT_EQ(WhyNot("1:rel l"), "event 1, T1|rel(l)|1: nobody has it");
  EXPECT_THAT(WhyNot("1:w x; 0:fork T1"), HasSubstr("the task is there already"));
  EXPECT_THAT(WhyNot("0:fork T1, fork T1"), HasSubstr("the task is there already"));
  EXPECT_THAT(WhyNot("0:fork T0"), HasSubstr("the task is there already"));
  EXPECT_THAT(WhyNot("0:fork T1, join T1; 1:w x"), HasSubstr("the task has been joined before"));
  EXPECT_THAT(WhyNot("0:fork T1, join T1, join T1"), HasSubstr("it cannot be joined"));
  EXPECT_THAT(WhyNot("0:join T0"), HasSubstr("it cannot be joined"));
}

TEST(TraceIndexTest, WhoReadsAndWhoWritesKeepEachOtherOut) {
  EXPECT_EQ(WhyNot("1:racq l; 2:racq l, rrel l; 1:racq l, rrel l, rrel l; 2:acq l, rel l, tryacq l, rel l"),
            "");
  EXPECT_EQ(WhyNot("1:racq l; 2:acq l"), "event 2, T2|acq(l)|2: T1 has it to read");
  EXPECT_EQ(WhyNot("1:racq l; 2:tryacq l"), "event 2, T2|tryacq(l)|2: T1 has it to read");
  EXPECT_EQ(WhyNot("1:acq l; 2:racq l"), "event 2, T2|racq(l)|2: T1 has it");
  EXPECT_EQ(WhyNot("1:racq l, racq l, rrel l; 2:acq l"), "event 4, T2|acq(l)|4: T1 has it to read");
  EXPECT_EQ(WhyNot("1:racq l, rel l"), "event 2, T1|rel(l)|2: nobody has it to write");
  EXPECT_EQ(WhyNot("1:acq l, rrel l"), "event 2, T1|rrel(l)|2: the task does not have it to read");
  EXPECT_EQ(WhyNot("1:racq l; 2:rrel l"), "event 2, T2|rrel(l)|2: the task does not have it to read");
}

TEST(TraceIndexTest, ALockThatOneTaskHasInBothModesIsHeldToWrite) {
  const Trace trace =
      TraceOf("1:acq a, racq a, w x, rel a, w x, racq a, rrel a, acq a, w x, rrel a, w x, rel a");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_THAT(index->AcquiresOf(0), ElementsAre(0, 1, 7));
  EXPECT_EQ(index->MatchOf(0), 3u);
  EXPECT_EQ(index->MatchOf(1), 9u);
  EXPECT_EQ(index->MatchOf(7), 11u);
  EXPECT_THAT(index->HeldAt(2), ElementsAre(HeldLock{0, true}));
  EXPECT_THAT(index->HeldAt(4), ElementsAre(HeldLock{0, false})) << "what is left";
  EXPECT_THAT(index->HeldAt(8), ElementsAre(HeldLock{0, true}));
  EXPECT_THAT(index->HeldAt(10), ElementsAre(HeldLock{0, true}));
}

TEST(TraceIndexTest, LocksGoTogetherIfNobodyWritesWhatTheOtherHas) {
  const std::vector<HeldLock> reads = {{1, false}, {3, false}}, writes = {{3, true}}, others = {{2, true}};
  EXPECT_TRUE(CanBothBeHeld(reads, reads));
  EXPECT_FALSE(CanBothBeHeld(reads, writes));
  EXPECT_FALSE(CanBothBeHeld(writes, reads));
  EXPECT_FALSE(CanBothBeHeld(writes, writes));
  EXPECT_TRUE(CanBothBeHeld(reads, others));
  EXPECT_TRUE(CanBothBeHeld({}, writes));
}

TEST(TraceIndexTest, LocksThatAreTakenTwiceAreHeldOnce) {
  const Trace trace = TraceOf("1:acq a, acq b, acq a, w x, rel a, w x, rel a, w x, rel b");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_THAT(index->AcquiresOf(0), ElementsAre(0, 1));
  EXPECT_EQ(index->MatchOf(0), 6u);
  EXPECT_EQ(index->MatchOf(2), kNoEvent) << "an inner one";
  EXPECT_EQ(index->MatchOf(4), kNoEvent);
  EXPECT_THAT(index->HeldAt(5), ElementsAre(HeldLock{0, true}, HeldLock{1, true}));
  EXPECT_THAT(index->HeldAt(7), ElementsAre(HeldLock{1, true}));
  EXPECT_THAT(index->HeldAt(0), IsEmpty());
}

TEST(TraceIndexTest, NeedsComeByForksJoinsAndReads) {
  const Trace trace = TraceOf("0:w y, fork T1; 1:w x; 2:r x, w z; 0:join T1, r z");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->NeedOf(2, 0), 2u) << "its fork";
  EXPECT_EQ(index->NeedOf(4, 1), 1u) << "what it had read";
  EXPECT_EQ(index->NeedOf(4, 0), 2u) << "and what that needed";
  EXPECT_EQ(index->NeedOf(5, 1), 1u) << "joined";
  EXPECT_EQ(index->NeedOf(5, 2), 0u);
  EXPECT_EQ(index->NeedOf(6, 2), 2u);
  EXPECT_EQ(index->Before(2), 1u) << "the fork comes before the first event";
  EXPECT_EQ(index->Before(0), kNoEvent);
  EXPECT_EQ(index->WriteOf(3), 2u);
}

TEST(TraceIndexTest, WhoGetsFromASyncNeedsAllThatWasGivenBefore) {
  const Trace trace = TraceOf("1:sig s; 2:w x, provide s; 3:await s; 4:depend s; 1:sig s; 3:w x; 5:await s");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_THAT(NeedsOf(*index, 3), ElementsAre(1, 2, 0, 0, 0));
  EXPECT_THAT(NeedsOf(*index, 4), ElementsAre(1, 2, 0, 0, 0));
  EXPECT_THAT(NeedsOf(*index, 6), ElementsAre(1, 2, 0, 0, 0)) << "not what came later";
  EXPECT_THAT(NeedsOf(*index, 7), ElementsAre(2, 2, 0, 0, 0));
}

}  // namespace
}  // namespace stray::analyzer
