// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/dump_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "analyzer/analysis/signature.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A series of shops, each with its findings.
class DumpDiffTest : public testing::Test {
 protected:
  void Add(const std::string& more = "", bool has_leak = true) {
    models_.push_back(std::make_unique<Model>(ShopModel(more)));
    JudgedDump dump{absl::StrCat(models_.size(), ".stray"), models_.back().get(), {}, false};
    if (has_leak) dump.findings.push_back(LeakOf(*dump.model));
    for (Finding& finding : dump.findings) finding.signature = Signature(finding);
    dumps_.push_back(std::move(dump));
  }

  // More readers, blocked where T4 is, for so many seconds.
  static std::string Readers(const std::vector<int>& seconds) {
    std::string text;
    for (size_t i = 0; i < seconds.size(); ++i) {
      absl::StrAppend(&text, "task { id: ", 100 + i, " kind: \"thread\" }\ntask_state { task: ", 100 + i,
                      " state: \"blocked\" wait_reason: \"pthread_cond_wait\" object: 3 stack: 4 wait_ns: ",
                      seconds[i] * 1'000'000'000ull, " }\n");
    }
    return text;
  }

  // The group of tasks that wait for the condition.
  TaskSeries Waiting() const {
    for (const TaskSeries& series : CompareDumps(dumps_).tasks) {
      if (series.wait_reason == "pthread_cond_wait") return series;
    }
    return {};
  }

  std::vector<std::unique_ptr<Model>> models_;
  std::vector<JudgedDump> dumps_;
};

TEST_F(DumpDiffTest, TasksCountByWaitAndFunctions) {
  Add();
  Add(Readers({9, 1, 5}));
  const TaskSeries series = Waiting();
  EXPECT_EQ(series.change, Change::kGrown);
  EXPECT_THAT(series.counts, ElementsAre(1, 4));
  EXPECT_THAT(series.functions, ElementsAre("Queue::Pop"));
  ASSERT_TRUE(series.waits[1].has_value());
  EXPECT_EQ(series.waits[1]->least_ns, 500'000'000u);
  EXPECT_EQ(series.waits[1]->median_ns, 1'000'000'000u);
  EXPECT_EQ(series.waits[1]->most_ns, 9'000'000'000u);
}

TEST_F(DumpDiffTest, ProcessesOfOneProgramCountTogether) {
  Add();
  models_.back()->Append(ShopModel());
  Add();
  EXPECT_THAT(Waiting().counts, ElementsAre(2, 1));
  EXPECT_EQ(Waiting().change, Change::kShrunk);
}

TEST_F(DumpDiffTest, FindingsAreNewGoneOrPassing) {
  Add("", false);
  Add();
  EXPECT_EQ(CompareDumps(dumps_).findings[0].change, Change::kNew);
  Add("", false);
  EXPECT_EQ(CompareDumps(dumps_).findings[0].change, Change::kPassing);
  dumps_.erase(dumps_.begin());
  EXPECT_EQ(CompareDumps(dumps_).findings[0].change, Change::kGone);
}

TEST_F(DumpDiffTest, ExcusedIsWhatIsSoInTheLastDumpThatHasIt) {
  Add();
  Add();
  dumps_[1].findings[0].known = true;
  EXPECT_TRUE(CompareDumps(dumps_).findings[0].excused);
  dumps_[1].findings.push_back(dumps_[1].findings[0]);
  dumps_[1].findings[1].known = false;
  EXPECT_FALSE(CompareDumps(dumps_).findings[0].excused);
  dumps_[1].findings[0].suppressed = dumps_[1].findings[1].suppressed = true;
  EXPECT_EQ(CompareDumps(dumps_).findings[0].change, Change::kGone);
}

TEST_F(DumpDiffTest, TrendNeedsSixDumps) {
  for (int i = 0; i < 5; ++i) Add(Readers(std::vector<int>(5 * i, 1)));
  EXPECT_FALSE(Waiting().trend.has_value());
  EXPECT_THAT(DiffText(CompareDumps(dumps_), {}), HasSubstr("is said of 6 dumps and more"));
  Add(Readers(std::vector<int>(25, 1)));
  ASSERT_TRUE(Waiting().trend.has_value());
  EXPECT_EQ(Waiting().trend->per_dump, 5);
  EXPECT_FALSE(Waiting().trend->per_minute.has_value()) << "the dumps do not tell their times";
}

TEST_F(DumpDiffTest, WhatGoesUpAndDownIsNoTrend) {
  for (int count : {0, 20, 3, 25, 1, 30}) Add(Readers(std::vector<int>(count, 1)));
  EXPECT_FALSE(Waiting().trend.has_value());
}

TEST_F(DumpDiffTest, HostileNamesAreMadePrintable) {
  Add();
  Add("frame { address: 0x409000 module: 1 locations { function: \"\\033[31mred\" line: 1 } }\n"
      "stack { id: 9 addresses: 0x409000 }\ntask { id: 99 kind: \"thread\" }\n"
      "task_state { task: 99 state: \"blocked\" wait_reason: \"\\033[2J\" stack: 9 }\n");
  models_.back()->processes.front()->tasks.back().set_kind("\xff");
  EXPECT_THAT(DiffText(CompareDumps(dumps_), {}), Not(HasSubstr("\033")));
  EXPECT_THAT(DiffJson(CompareDumps(dumps_)), Not(HasSubstr("\xff")));
}

TEST_F(DumpDiffTest, ManyDumpsAreShortened) {
  for (int i = 0; i < 30; ++i) Add(Readers(std::vector<int>(2 * i, 1)));
  EXPECT_THAT(DiffText(CompareDumps(dumps_), {}),
              HasSubstr("1 -> 3 -> 5 -> 7 -> 9 -> 11 -> .. -> 49 -> 51 -> 53 -> 55 -> 57 ->"));
}

}  // namespace
}  // namespace stray::analyzer
