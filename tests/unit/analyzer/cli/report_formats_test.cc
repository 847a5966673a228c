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

TEST(ReportFormatsTest, OnlyListsOfTasksNeedASnapshot) {
  Model model;
  model.processes.push_back(std::make_unique<ProcessModel>());
  for (const std::string& word : ReportFormatWords())
    EXPECT_EQ(CheckTasksKnown(model, word).ok(), !FormatOf(word).lists_tasks) << word;
  model.processes[0]->snapshots.emplace_back();
  for (const std::string& word : ReportFormatWords()) EXPECT_TRUE(CheckTasksKnown(model, word).ok()) << word;
}

}  // namespace
}  // namespace stray::analyzer
