// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace stray::analyzer {
namespace {

const std::vector<std::string> kWords = {"--format", "--fail-on", "--timeout", "--grace"};

TEST(SuggestTest, SmallMistakesFindTheWord) {
  EXPECT_EQ(NearestWord("--fromat", kWords), "--format");
  EXPECT_EQ(NearestWord("--failon", kWords), "--fail-on");
  EXPECT_EQ(NearestWord("--timeuot", kWords), "--timeout");
}

TEST(SuggestTest, NothingIsSuggestedForAnotherWord) {
  EXPECT_EQ(NearestWord("--verbose-logging", kWords), "");
  EXPECT_EQ(DidYouMean("--verbose-logging", kWords), "");
}

TEST(SuggestTest, SuggestionIsAQuestion) {
  EXPECT_EQ(DidYouMean("--gracee", kWords), "; did you mean \"--grace\"?");
}

}  // namespace
}  // namespace stray::analyzer
