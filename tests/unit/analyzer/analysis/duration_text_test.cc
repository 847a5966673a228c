// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/duration_text.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

constexpr uint64_t kMs = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMs;

TEST(DurationTextTest, UsesTheUnitThatPeopleWould) {
  EXPECT_EQ(DurationText(0), "0 ns");
  EXPECT_EQ(DurationText(999), "999 ns");
  EXPECT_EQ(DurationText(35'000), "35 us");
  EXPECT_EQ(DurationText(450 * kMs), "450 ms");
  EXPECT_EQ(DurationText(1900 * kMs), "1.9 s");
  EXPECT_EQ(DurationText(2 * kSecond), "2.0 s");
  EXPECT_EQ(DurationText(90 * kSecond), "90 s");
  EXPECT_EQ(DurationText(12 * 60 * kSecond), "12 min");
  EXPECT_EQ(DurationText(3 * 3600 * kSecond), "3 h");
  EXPECT_EQ(DurationText(150 * 60 * kSecond), "2.5 h");
  EXPECT_EQ(DurationText(4 * 86400 * kSecond), "4 days");
}

TEST(DurationTextTest, RoundingNeverShowsAThousandOfAUnit) {
  EXPECT_EQ(DurationText(999'999'999), "1.0 s");
  EXPECT_EQ(DurationText(999'999), "1 ms");
}

TEST(DurationTextTest, RangeNamesTheUnitOnce) {
  EXPECT_EQ(DurationRangeText(1900 * kMs, 2000 * kMs), "1.9 to 2.0 s");
  EXPECT_EQ(DurationRangeText(900 * kMs, 1200 * kMs), "900 ms to 1.2 s");
  EXPECT_EQ(DurationRangeText(2010 * kMs, 2020 * kMs), "2.0 s");
}

TEST(DurationTextTest, LargestDurationIsStillText) { EXPECT_EQ(DurationText(UINT64_MAX), "213504 days"); }

}  // namespace
}  // namespace stray::analyzer
