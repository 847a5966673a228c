// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/stillness.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Advice = Stillness::Advice;

class StillnessTest : public testing::Test {
 protected:
  StillnessTest() { stillness_.Look(At(0), kSignature, true); }

  static Stillness::Time At(int ms) { return Stillness::Time(seconds(1000)) + milliseconds(ms); }

  // Looks every 100 ms from `from` to `to` and probes when told to; returns when a decision is due, or -1.
  int DecisionBetween(int from, int to) {
    for (int ms = from; ms <= to; ms += 100) {
      const Advice advice = stillness_.Look(At(ms), kSignature, true);
      if (advice == Advice::kProbe) stillness_.Probed();
      if (advice == Advice::kDecide) return ms;
    }
    return -1;
  }

  static constexpr uint64_t kSignature = 42;
  Stillness stillness_{seconds(1), At(0)};
};

TEST_F(StillnessTest, ProbeComesAtHalfAndDecisionAtTheEndOfTheGrace) {
  EXPECT_EQ(stillness_.Look(At(400), kSignature, true), Advice::kNothing);
  EXPECT_EQ(stillness_.Look(At(500), kSignature, true), Advice::kProbe);
  stillness_.Probed();
  EXPECT_EQ(stillness_.Look(At(900), kSignature, true), Advice::kNothing);
  EXPECT_EQ(stillness_.Look(At(1000), kSignature, true), Advice::kDecide);
}

TEST_F(StillnessTest, EveryMoveStartsTheGraceAgain) {
  stillness_.Look(At(900), kSignature + 1, true);
  stillness_.Look(At(901), kSignature, true);
  EXPECT_EQ(DecisionBetween(1000, 1900), -1);
  EXPECT_EQ(DecisionBetween(2000, 2000), 2000);
}

TEST_F(StillnessTest, WhatIsNotSuspiciousIsLeftAlone) {
  for (int ms = 0; ms < 100'000; ms += 100) {
    ASSERT_EQ(stillness_.Look(At(ms), kSignature, false), Advice::kNothing);
  }
}

TEST_F(StillnessTest, HiddenMoveStartsTheGraceAgain) {
  EXPECT_EQ(DecisionBetween(100, 1000), 1000);
  stillness_.Changed(At(1000));
  EXPECT_EQ(DecisionBetween(1100, 1900), -1);
  EXPECT_EQ(DecisionBetween(2000, 2100), 2000);
}

TEST_F(StillnessTest, NoSecondDecisionUntilSomethingChanges) {
  ASSERT_EQ(DecisionBetween(100, 1000), 1000);
  stillness_.Decided(At(1000));
  EXPECT_EQ(DecisionBetween(1100, 600'000), -1);
}

TEST_F(StillnessTest, DecisionsBecomeRarerWhenTheyFindNothing) {
  int last = 0;
  int gap = 0;
  for (int round = 0; round < 8; ++round) {
    const int decided = DecisionBetween(last + 100, last + 1'000'000);
    ASSERT_NE(decided, -1);
    EXPECT_GE(decided - last, gap);
    gap = decided - last;
    last = decided;
    stillness_.Decided(At(decided));
    stillness_.Changed(At(decided));
  }
  EXPECT_GE(gap, 60'000);
  EXPECT_LE(gap, 61'000);
}

TEST_F(StillnessTest, LooksBecomeRarerWhenNothingHappensForLong) {
  EXPECT_EQ(stillness_.Interval(At(500)), milliseconds(100));
  EXPECT_EQ(stillness_.Interval(At(20'000)), milliseconds(500));
  EXPECT_EQ(Stillness(milliseconds(100), At(0)).Interval(At(0)), milliseconds(20));
}

}  // namespace
}  // namespace stray::analyzer
