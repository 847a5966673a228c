// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/report_formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;

TEST(ReportFormatsTest, EveryWordHasItsFormatAndTextComesFirst) {
  const std::vector<std::string> words = ReportFormatWords();
  EXPECT_EQ(words.front(), "text");
  for (const std::string& word : words) {
    EXPECT_EQ(FormatOf(word).word, word);
    EXPECT_THAT(ReportFormatsText(), HasSubstr("\n  " + word + " "));
  }
}

TEST(ReportFormatsTest, ListsOfTasksNeedASnapshotAndTimelinesATrace) {
  Model model;
  model.processes.push_back(std::make_unique<ProcessModel>());
  for (const std::string& word : ReportFormatWords()) {
    const ReportFormat& format = FormatOf(word);
    EXPECT_EQ(CheckHasDataFor(model, word).ok(), !format.lists_tasks && !format.needs_trace) << word;
    EXPECT_EQ(CheckNeedsNoTrace(word).ok(), !format.needs_trace) << word;
  }
  model.processes[0]->snapshots.emplace_back();
  for (const std::string& word : ReportFormatWords())
    EXPECT_EQ(CheckHasDataFor(model, word).ok(), !FormatOf(word).needs_trace) << word;
  model.processes[0]->timeline.emplace();
  for (const std::string& word : ReportFormatWords()) EXPECT_TRUE(CheckHasDataFor(model, word).ok()) << word;
}

}  // namespace
}  // namespace stray::analyzer
