// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/log_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stray::analyzer {
namespace {

// All lines; where one is `mark`, all before it is taken for a prefix.
std::vector<std::string> Lines(absl::string_view text, absl::string_view mark = "") {
  LogLines lines(text);
  std::vector<std::string> all;
  while (lines.Next()) {
    if (!mark.empty() && lines.line().find(mark) != absl::string_view::npos)
      lines.SetPrefix(lines.line().find(mark));
    all.emplace_back(lines.line());
  }
  return all;
}

using Expected = std::vector<std::string>;

TEST(LogLinesTest, ColoursAndCarriageReturnsAreTakenOff) {
  EXPECT_EQ(Lines("\x1b[1m\x1b[31mred\x1b[0m\r\nplain"), Expected({"red", "plain"}));
  EXPECT_EQ(Lines("cut \x1b["), Expected({"cut "}));
}

TEST(LogLinesTest, BytesThatAreNoTextAreReplaced) { EXPECT_EQ(Lines("a\xff"), Expected({"a\xEF\xBF\xBD"})); }

TEST(LogLinesTest, NumberOfATestRunnerIsTakenOff) {
  EXPECT_EQ(Lines("12: HEAD\n12:   frame\n12:\n12: \nother", "HEAD"),
            Expected({"HEAD", "  frame", "", "", "other"}));
}

TEST(LogLinesTest, TimeBeforeEachLineMayChange) {
  EXPECT_EQ(Lines("09:59:59.998 HEAD\n10:00:00.001   frame\n", "HEAD"), Expected({"HEAD", "  frame"}));
}

TEST(LogLinesTest, LinesThatBeginDifferentlyAreLeftAlone) {
  EXPECT_EQ(Lines("12: HEAD\n  frame of another one\n", "HEAD"), Expected({"HEAD", "  frame of another one"}));
}

TEST(LogLinesTest, LongLinesAreCut) {
  const std::vector<std::string> lines = Lines(std::string(1 << 20, 'a') + "\nb");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_LT(lines[0].size(), size_t{1} << 17);
  EXPECT_EQ(lines[1], "b");
}

}  // namespace
}  // namespace stray::analyzer
