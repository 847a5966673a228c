// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/object_uses.h"

#include <gtest/gtest.h>

#include "instrumentation/runtime/kernel.h"

namespace stray::runtime {
namespace {

// Far from the numbers of tasks that other tests have.
constexpr uint64_t kTask = uint64_t{1} << 40;

TEST(EndTimesTest, RemembersWhenATaskEnded) {
  EXPECT_EQ(EndTimes::Of(kTask), 0);
  const int64_t before = Now();
  EndTimes::Note(kTask);
  EXPECT_GE(EndTimes::Of(kTask), before);
  EXPECT_LE(EndTimes::Of(kTask), Now());
  EXPECT_EQ(EndTimes::Of(kTask + 1), 0);
  EXPECT_EQ(EndTimes::Of(0), 0);
}

TEST(EndTimesTest, OfVeryManyTheLastOnesAreKept) {
  for (uint64_t task = kTask; task < kTask + 100'000; ++task) EndTimes::Note(task);
  EXPECT_EQ(EndTimes::Of(kTask), 0);
  for (uint64_t task = kTask + 99'000; task < kTask + 100'000; ++task) EXPECT_NE(EndTimes::Of(task), 0);
}

}  // namespace
}  // namespace stray::runtime
