// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(DurationTest, UnitsMeanWhatTheySay) {
  EXPECT_EQ(*ParseDuration("400ms"), milliseconds(400));
  EXPECT_EQ(*ParseDuration("2s"), seconds(2));
  EXPECT_EQ(*ParseDuration("1.5s"), milliseconds(1500));
  EXPECT_EQ(*ParseDuration("1m"), minutes(1));
  EXPECT_EQ(*ParseDuration("1h"), hours(1));
  EXPECT_EQ(*ParseDuration("10us"), std::chrono::microseconds(10));
  EXPECT_EQ(*ParseDuration("7ns"), std::chrono::nanoseconds(7));
}

TEST(DurationTest, PlainNumberMeansSeconds) {
  EXPECT_EQ(*ParseDuration("30"), seconds(30));
  EXPECT_EQ(*ParseDuration("0"), seconds(0));
}

TEST(DurationTest, ErrorQuotesTheTextAndShowsWhatWouldBeRight) {
  for (const char* text : {"", "ms", "12x", "-1s", "1 s", "1.2.3s", "1s2", "nan", "1e3"}) {
    const auto duration = ParseDuration(text);
    ASSERT_FALSE(duration.ok()) << text;
    EXPECT_EQ(duration.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(duration.status().message()), HasSubstr("400ms")) << text;
  }
}

TEST(DurationTest, LongerThanAYearIsRefusedInsteadOfOverflowing) {
  EXPECT_FALSE(ParseDuration("99999999999999999999h").ok());
  EXPECT_TRUE(ParseDuration("8760h").ok());
}

}  // namespace
}  // namespace stray::analyzer
