// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/periodic_watch.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;

const WatchClock::Time kStart = WatchClock::Time() + std::chrono::hours(1);

TEST(WatchClockTest, LooksEveryPeriod) {
  WatchClock clock(milliseconds(100), kStart);
  EXPECT_FALSE(clock.IsTime(kStart + milliseconds(99)));
  EXPECT_TRUE(clock.IsTime(kStart + milliseconds(100)));
  clock.Looked(kStart + milliseconds(103), kStart + milliseconds(110));
  EXPECT_EQ(clock.next(), kStart + milliseconds(200));
}

TEST(WatchClockTest, RestsAsLongAsALookTook) {
  WatchClock clock(milliseconds(100), kStart);
  clock.Looked(kStart + milliseconds(100), kStart + milliseconds(500));
  EXPECT_EQ(clock.next(), kStart + milliseconds(900));
}

TEST(WatchClockTest, DoesNotMakeUpForWhatItMissed) {
  WatchClock clock(milliseconds(100), kStart);
  clock.Looked(kStart + milliseconds(5000), kStart + milliseconds(5001));
  EXPECT_EQ(clock.next(), kStart + milliseconds(5101));
}

}  // namespace
}  // namespace stray::analyzer
