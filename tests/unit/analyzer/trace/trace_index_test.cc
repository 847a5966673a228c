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

TEST(TraceIndexTest, LocksThatAreTakenTwiceAreHeldOnce) {
  const Trace trace = TraceOf("1:acq a, acq b, acq a, w x, rel a, w x, rel a, w x, rel b");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_THAT(index->AcquiresOf(0), ElementsAre(0, 1));
  EXPECT_EQ(index->MatchOf(0), 6u);
  EXPECT_EQ(index->MatchOf(2), kNoEvent) << "an inner one";
  EXPECT_EQ(index->MatchOf(4), kNoEvent);
  EXPECT_THAT(index->HeldAt(5), ElementsAre(0, 1));
  EXPECT_THAT(index->HeldAt(7), ElementsAre(1));
  EXPECT_THAT(index->HeldAt(0), IsEmpty());
}

TEST(TraceIndexTest, NeedsComeByForksJoinsAndReads) {
  const Trace trace = TraceOf("0:w y, fork T1; 1:w x; 2:r x, w z; 0:join T1, r z");
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(trace);
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->NeedsOf(2)[0], 2u) << "its fork";
  EXPECT_EQ(index->NeedsOf(4)[1], 1u) << "what it had read";
  EXPECT_EQ(index->NeedsOf(4)[0], 2u) << "and what that needed";
  EXPECT_EQ(index->NeedsOf(5)[1], 1u) << "joined";
  EXPECT_EQ(index->NeedsOf(5)[2], 0u);
  EXPECT_EQ(index->NeedsOf(6)[2], 2u);
  EXPECT_EQ(index->Before(2), 1u) << "the fork comes before the first event";
  EXPECT_EQ(index->Before(0), kNoEvent);
  EXPECT_EQ(index->WriteOf(3), 2u);
}

}  // namespace
}  // namespace stray::analyzer
