// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/wait_rates.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/black_box_builder.h"

namespace stray::analyzer {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class WaitRatesTest : public testing::Test {
 protected:
  WaitRatesTest() {
    char name[] = "/tmp/stray_rates_XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~WaitRatesTest() override { std::filesystem::remove_all(folder_); }

  BoxView Open(WaitRates rates = {}, uint64_t until_ns = 0) {
    test::BlackBoxBuilder box;
    box.header().process_start = ~uint64_t{0};
    box.header().block_rate_ns = static_cast<uint64_t>(rates.block.count());
    box.header().mutex_fraction = rates.mutex_fraction;
    box.header().profile_until_ns = until_ns;
    box.AddTask("main");
    const std::string path = folder_ + "/4711.0.box";
    std::ofstream(path, std::ios::binary) << box.Build();
    return *BoxView::Open(path);
  }

  static bool AreUsual(const WaitRates& rates) {
    return rates.block == kUsualWaitRates.block && rates.mutex_fraction == kUsualWaitRates.mutex_fraction;
  }

  std::string folder_;
};

TEST_F(WaitRatesTest, WhatIsSetIsRead) {
  const BoxView box = Open();
  EXPECT_TRUE(WaitRatesOf(box).AreOff());
  ASSERT_TRUE(SetWaitRates(box, {.block = microseconds(3), .mutex_fraction = 7}, nanoseconds::zero()).ok());
  EXPECT_EQ(WaitRatesOf(box).block, microseconds(3));
  EXPECT_EQ(WaitRatesOf(box).mutex_fraction, 7u);
}

TEST_F(WaitRatesTest, RatesBehindTheirLimitAreOff) {
  EXPECT_TRUE(WaitRatesOf(Open({.block = microseconds(3), .mutex_fraction = 0}, 1)).AreOff());
  const BoxView box = Open();
  ASSERT_TRUE(SetWaitRates(box, kUsualWaitRates, hours(1)).ok());
  EXPECT_TRUE(AreUsual(WaitRatesOf(box)));
}

TEST_F(WaitRatesTest, ABoxThatCannotBeWrittenSaysWhy) {
  const BoxView box = Open();
  std::filesystem::remove(box.path());
  EXPECT_EQ(SetWaitRates(box, kUsualWaitRates, hours(1)).code(), absl::StatusCode::kNotFound);
}

TEST_F(WaitRatesTest, AStretchEndsWithTheLastOfThoseThatOverlap) {
  const BoxView box = Open();
  WaitRateStretches stretches;
  ASSERT_TRUE(stretches.Begin(box, seconds(30)).ok());
  EXPECT_TRUE(AreUsual(WaitRatesOf(box)));
  const uint64_t until = box.header().profile_until_ns;
  ASSERT_TRUE(stretches.Begin(box, seconds(1)).ok());
  EXPECT_GE(box.header().profile_until_ns, until - 1'000'000'000) << "the longer one counts";
  stretches.End(box);
  EXPECT_TRUE(AreUsual(WaitRatesOf(box)));
  stretches.End(box);
  EXPECT_TRUE(WaitRatesOf(box).AreOff());
}

TEST_F(WaitRatesTest, AStretchLeavesRatesAloneThatWereAskedFor) {
  const BoxView box = Open({.block = microseconds(3), .mutex_fraction = 0});
  WaitRateStretches stretches;
  ASSERT_TRUE(stretches.Begin(box, seconds(1)).ok());
  EXPECT_EQ(WaitRatesOf(box).block, microseconds(3));
  stretches.End(box);
  EXPECT_EQ(WaitRatesOf(box).block, microseconds(3));
}

TEST_F(WaitRatesTest, AStretchThatNobodyEndedDoesNotCountAsAskedFor) {
  const BoxView box = Open(kUsualWaitRates, 1);
  WaitRateStretches stretches;
  ASSERT_TRUE(stretches.Begin(box, seconds(1)).ok());
  stretches.End(box);
  EXPECT_EQ(box.header().block_rate_ns, 0u);
}

}  // namespace
}  // namespace stray::analyzer
