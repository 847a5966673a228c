// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/text_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stray::analyzer {
namespace {

std::vector<std::string> All(TextLines& lines) {
  std::vector<std::string> all;
  while (lines.Next()) all.emplace_back(lines.line());
  return all;
}

TEST(TextLinesTest, AreWithoutWhiteSpaceAndColours) {
  TextLines lines("  a b\t\r\n\n\x1b[1;31mred\x1b[0m text\r\nlast");
  EXPECT_THAT(All(lines), testing::ElementsAre("a b", "", "red text", "last"));
  EXPECT_EQ(lines.number(), 4);
  EXPECT_FALSE(lines.is_ended());
}

TEST(TextLinesTest, LosePrefixWithOtherDigits) {
  TextLines lines("12:01 web | head\n12:02 web | body\n12:02 db  | noise\n12:03 web |\n12:03 web | end\n");
  ASSERT_TRUE(lines.Next());
  lines.SetPrefixBefore(lines.line().substr(lines.line().find("head")));
  EXPECT_EQ(lines.line(), "head");
  EXPECT_THAT(All(lines), testing::ElementsAre("body", "12:02 db  | noise", "", "end"));
  EXPECT_TRUE(lines.is_ended());
}

TEST(TextLinesTest, CanStay) {
  TextLines lines("a\nb\n");
  ASSERT_TRUE(lines.Next());
  lines.Again();
  ASSERT_TRUE(lines.Next());
  EXPECT_EQ(lines.line(), "a");
  ASSERT_TRUE(lines.Next());
  EXPECT_EQ(lines.line(), "b");
}

TEST(TextLinesTest, KeepTheLineBefore) {
  TextLines lines("\x1b[1mone\x1b[0m\n\x1b[1mtwo\x1b[0m\n");
  ASSERT_TRUE(lines.Next());
  const absl::string_view one = lines.line();
  ASSERT_TRUE(lines.Next());
  EXPECT_EQ(one, "one");
  EXPECT_EQ(lines.line(), "two");
}

}  // namespace
}  // namespace stray::analyzer
