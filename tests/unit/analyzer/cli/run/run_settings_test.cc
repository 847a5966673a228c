// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/run_settings.h"

#include <gtest/gtest.h>

#include <map>

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::optional<nanoseconds> TimeoutWith(const std::map<std::string, std::string>& variables,
                                       nanoseconds timeout = nanoseconds(-1)) {
  RunSettings settings;
  settings.timeout = timeout;
  return EffectiveTimeout(settings, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(RunSettingsTest, NoLimitByDefault) { EXPECT_EQ(TimeoutWith({}), std::nullopt); }

TEST(RunSettingsTest, RunnersLimitIsUndercutByTwoSecondsOrFivePercent) {
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "30"}}), seconds(28));
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "300"}}), seconds(285));
  EXPECT_EQ(TimeoutWith({{"CTEST_TEST_TIMEOUT", "60"}}), seconds(57));
}

TEST(RunSettingsTest, TinyLimitOfARunnerLeavesHalf) {
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "2"}}), seconds(1));
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "1"}}), milliseconds(500));
}

TEST(RunSettingsTest, OptionComesBeforeTheRunnersLimit) {
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "30"}}, seconds(5)), seconds(5));
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "30"}}, seconds(0)), std::nullopt);
}

TEST(RunSettingsTest, ListingHasAMinuteUnlessThereIsALimit) {
  RunSettings settings;
  const char* runners = nullptr;
  const auto limit = [&] {
    return ListingLimit(
        settings, [&](const char* name) { return name == std::string("TEST_TIMEOUT") ? runners : nullptr; });
  };
  EXPECT_EQ(limit(), seconds(60));
  runners = "30";
  EXPECT_EQ(limit(), seconds(28));
  settings.timeout = seconds(5);
  EXPECT_EQ(limit(), seconds(5));
  settings.timeout = seconds(0);
  EXPECT_EQ(limit(), std::nullopt);
}

TEST(RunSettingsTest, NonsenseInTheEnvironmentIsNoLimit) {
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "soon"}}), std::nullopt);
  EXPECT_EQ(TimeoutWith({{"TEST_TIMEOUT", "-3"}}), std::nullopt);
}

TEST(RunSettingsTest, AgentIsToldWhatConcernsIt) {
  RunSettings settings;
  EXPECT_EQ(AgentOptions(settings), "settle=400 follow=1");
  settings.follow = false;
  settings.signal = 40;
  EXPECT_EQ(AgentOptions(settings), "settle=400 follow=0 signal=40");
}

}  // namespace
}  // namespace stray::analyzer
