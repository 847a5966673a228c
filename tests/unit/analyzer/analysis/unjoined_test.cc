// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/unjoined.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;

TEST(UnjoinedTest, AThreadThatFinishedAndWasNeverJoinedIsReportedAtExit) {
  ProcessBuilder p("exit");
  p.Main(1).Finished(2, "worker").CreatedAt(2, {"Start", "main"}).Ender(1);
  const std::vector<Finding> findings = p.Findings();
  ASSERT_THAT(Summaries(findings), ElementsAre("leak.unjoined x1 T2"));
  EXPECT_EQ(findings[0].confidence, Confidence::kProved);
  EXPECT_EQ(findings[0].explanation,
            "T2 \"worker\", started at Start (app.cc:1), finished, but nobody joined or detached it. Its stack "
            "and exit "
            "status are kept for a join that never came; only pthread_join or pthread_detach would have given "
            "them back.");
}

TEST(UnjoinedTest, JoinedDetachedAdoptedAndAwaitedThreadsAndMainAreFine) {
  ProcessBuilder p("exit");
  p.Main(1).Finished(2).Finished(3).Finished(4).Finished(5).Thread(6);
  p.task(1).set_finished(true);
  p.task(2).set_joined(true);
  p.task(3).set_detached(true);
  p.task(4).set_adopted(true);
  p.Ender(6).Thread(7).Joins(7, 5);
  EXPECT_THAT(Summaries(p), ElementsAre("leak.alive x1 T7"));
}

TEST(UnjoinedTest, OneFindingForEachPlaceOfCreation) {
  ProcessBuilder p("exit");
  p.Main(1).Ender(1);
  for (uint32_t id = 2; id < 8; ++id) p.Finished(id).CreatedAt(id, {id < 6 ? "StartA" : "StartB"});
  EXPECT_THAT(Summaries(p), ElementsAre("leak.unjoined x4 T2 T3 T4 T5", "leak.unjoined x2 T6 T7"));
}

}  // namespace
}  // namespace stray::analyzer
