// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/profile_delta.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

ProfileSample SampleAt(uint64_t address, int64_t count, int64_t wait_ns, const std::string& reason = "") {
  ProfileSample sample;
  sample.addresses = {address};
  sample.count = count;
  sample.wait_ns = wait_ns;
  if (!reason.empty()) sample.labels = {{"wait_reason", reason, 0, ""}};
  return sample;
}

TEST(ProfileDelta, WhatIsLeftGoneAndNew) {
  TaskProfile before, now;
  before.samples = {SampleAt(1, 5, 50), SampleAt(2, 3, 30), SampleAt(3, 1, 10, "select")};
  before.time_ns = 1000;
  now.samples = {SampleAt(1, 7, 90), SampleAt(2, 3, 30), SampleAt(3, 1, 10, "sleep")};
  now.time_ns = 4000;
  const TaskProfile delta = ProfileDelta(now, before);
  ASSERT_EQ(delta.samples.size(), 3u);
  EXPECT_EQ(delta.samples[0].count, 2);
  EXPECT_EQ(delta.samples[0].wait_ns, 40);
  EXPECT_EQ(delta.samples[1].labels[0].text, "sleep");
  EXPECT_EQ(delta.samples[1].count, 1);
  EXPECT_EQ(delta.samples[2].labels[0].text, "select");
  EXPECT_EQ(delta.samples[2].count, -1);
  EXPECT_EQ(delta.time_ns, 1000);
  EXPECT_EQ(delta.duration_ns, 3000);
}

TEST(ProfileDelta, NothingHasChanged) {
  TaskProfile profile;
  profile.samples = {SampleAt(1, 5, 50)};
  EXPECT_TRUE(ProfileDelta(profile, profile).samples.empty());
}

}  // namespace
}  // namespace stray::analyzer
