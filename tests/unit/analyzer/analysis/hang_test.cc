// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/hang.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(HangTest, ATimeoutShowsWhatEveryTaskWasDoing) {
  ProcessBuilder p("timeout");
  p.process_record().set_start_ns(1'000'000'000);
  p.info().set_time_ns(11'000'000'000);
  p.Main(1).Thread(2).Thread(3).Joins(1, 2).Running(2).Blocked(3, "nanosleep");
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("hang.timeout x1 T1 T2 T3"));
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].explanation,
            "The run was cut by its time limit 10.0 s after its start. 3 tasks were left: 1 running, 1 "
            "sleeping and 1 "
            "waiting for other tasks. Main waits in pthread_join for T2 to end. Nothing proves a deadlock; the "
            "stacks "
            "below show where the time went.");
}

TEST(HangTest, WhatIsProvedComesBesideTheTimeout) {
  ProcessBuilder p("timeout");
  p.Mutex(1).Mutex(2).Main(1).Thread(2).Thread(3).Running(1);
  p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1).Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("deadlock.cycle x1 T2 T3", "hang.timeout x1 T1 T2 T3"));
  EXPECT_THAT(findings[1].explanation, HasSubstr("1 running and 2 blocked for ever"));
  EXPECT_THAT(findings[1].explanation, Not(HasSubstr("Nothing proves")));
}

TEST(HangTest, TheTimeoutSnapshotCountsAlsoWhenTheProcessWasKilledAfterIt) {
  ProcessBuilder p("timeout");
  p.Main(1).Running(1).NextSnapshot("post_mortem").Running(1);
  EXPECT_THAT(Summaries(p), ElementsAre("hang.timeout x1 T1"));
}

}  // namespace
}  // namespace stray::analyzer
