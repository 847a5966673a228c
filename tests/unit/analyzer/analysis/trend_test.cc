// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/trend.h"

#include <gtest/gtest.h>

#include <vector>

namespace stray::analyzer {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

// One count a second.
std::vector<CountAt> Row(const std::vector<uint64_t>& counts) {
  std::vector<CountAt> row;
  for (uint64_t count : counts) row.push_back({(row.size() + 1) * kSecond, count});
  return row;
}

std::vector<CountAt> Rising(size_t points, uint64_t step, uint64_t first = 0) {
  std::vector<uint64_t> counts;
  for (size_t i = 0; i < points; ++i) counts.push_back(first + i * step);
  return Row(counts);
}

TEST(TrendTest, ASteadyRiseIsOne) {
  const std::optional<Trend> trend = FindTrend(Rising(10, 2));
  ASSERT_TRUE(trend.has_value());
  EXPECT_EQ(trend->first, 0u);
  EXPECT_EQ(trend->now, 18u);
  EXPECT_EQ(trend->points, 10u);
  EXPECT_EQ(trend->since_ns, kSecond);
  EXPECT_DOUBLE_EQ(trend->per_minute, 120);
}

TEST(TrendTest, ItBeginsWhereItWasLastAsLowAsAtFirst) {
  const std::optional<Trend> trend = FindTrend(Row({3, 3, 3, 3, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21}));
  ASSERT_TRUE(trend.has_value());
  EXPECT_EQ(trend->first, 3u);
  EXPECT_EQ(trend->points, 10u);
  EXPECT_EQ(trend->since_ns, 5 * kSecond);
}

TEST(TrendTest, TooFewPointsAreNone) { EXPECT_FALSE(FindTrend(Rising(9, 5)).has_value()); }

TEST(TrendTest, TooLittleGrowthIsNone) {
  EXPECT_FALSE(FindTrend(Rising(10, 1)).has_value());
  EXPECT_TRUE(FindTrend(Rising(11, 1)).has_value());
  // A tenth of what there was.
  EXPECT_FALSE(FindTrend(Rising(11, 10, 1000)).has_value());
}

TEST(TrendTest, AStepIsNone) {
  EXPECT_FALSE(FindTrend(Row({0, 0, 0, 40, 40, 40, 40, 40, 40, 40, 40, 41})).has_value());
}

TEST(TrendTest, AShortRiseIsNone) {
  EXPECT_FALSE(FindTrend(Row({0, 0, 0, 0, 0, 0, 10, 20, 30, 40})).has_value());
}

TEST(TrendTest, WhatHasStoppedGrowingIsNone) {
  EXPECT_FALSE(FindTrend(Row({0, 10, 20, 30, 40, 50, 60, 64, 64, 64, 64, 64, 64})).has_value());
}

TEST(TrendTest, ABurstThatDrainsIsNone) {
  EXPECT_FALSE(FindTrend(Row({0, 10, 20, 30, 40, 30, 20, 10, 0, 0, 5, 12})).has_value());
}

TEST(TrendTest, WhatGoesUpAndDownIsNone) {
  EXPECT_FALSE(FindTrend(Row({5, 30, 8, 25, 6, 33, 9, 28, 7, 35, 6, 36})).has_value());
}

TEST(TrendTest, SmallDipsDoNotHide) {
  EXPECT_TRUE(FindTrend(Row({0, 3, 2, 6, 8, 7, 12, 14, 13, 18, 20})).has_value());
}

TEST(TrendTest, SameTimesAreNoSlope) {
  std::vector<CountAt> row = Rising(12, 2);
  for (CountAt& point : row) point.time_ns = kSecond;
  EXPECT_FALSE(FindTrend(row).has_value());
}

}  // namespace
}  // namespace stray::analyzer
