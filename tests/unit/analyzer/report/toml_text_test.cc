// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/toml_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;

std::string ErrorOf(absl::string_view text) {
  const absl::Status status = ParseToml(text, "f.toml").status();
  EXPECT_FALSE(status.ok()) << text;
  return std::string(status.message());
}

std::string ValueOf(absl::string_view text) {
  const absl::StatusOr<toml::table> table = ParseToml(text, "f.toml");
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? (*table)["key"].value_or(std::string("none")) : "";
}

TEST(TomlTextTest, CharactersBeyondAsciiComeThroughInDoubleQuotes) {
  EXPECT_EQ(ValueOf("# gr\u00f6\u00dfer \ufefd\nkey = \"\u00e4 \ufefd \U0001f600\""),
            "\u00e4 \ufefd \U0001f600");
  EXPECT_EQ(ValueOf("key = \"\"\"\u00e4\n\"\u00e4\"\"\"\"\" # \u00e4"), "\u00e4\n\"\u00e4\"\"");
  EXPECT_EQ(ValueOf("\xef\xbb\xbfkey = \"x\""), "x");
  EXPECT_EQ(ValueOf("key = \"\\\\\u00e4 \\\" \u00e4 # '\""), "\\\u00e4 \" \u00e4 # '");
}

TEST(TomlTextTest, AndAreErrorsElsewhere) {
  EXPECT_THAT(ErrorOf("a = 1\n\u00e4 = 1"), HasSubstr("f.toml:2: characters beyond ASCII"));
  EXPECT_THAT(ErrorOf("a = '\u00e4'"), HasSubstr("f.toml:1: characters beyond ASCII"));
  EXPECT_THAT(ErrorOf("a = '''\n\n\u00e4'''"), HasSubstr("f.toml:3: characters beyond ASCII"));
  EXPECT_THAT(ErrorOf("a = 1\u00a0\n"), HasSubstr("f.toml:1: characters beyond ASCII"));
}

TEST(TomlTextTest, WhatIsNoUtf8IsAnError) {
  for (const char* wrong :
       {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\x41\x41", "\x80"})
    EXPECT_THAT(ErrorOf(std::string("# ") + wrong), HasSubstr("f.toml:1: is no UTF-8"));
}

TEST(TomlTextTest, DeepNestingIsAnErrorAndNoCrash) {
  EXPECT_THAT(ErrorOf("a = " + std::string(100'000, '[')), HasSubstr("f.toml:1: "));
  EXPECT_THAT(ErrorOf("a = " + std::string(100'000, '{')), HasSubstr("f.toml:1: "));
}

}  // namespace
}  // namespace stray::analyzer
