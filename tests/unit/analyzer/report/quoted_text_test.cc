// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/quoted_text.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

TEST(QuotedTextTest, QuotesAndBackslashesAreEscapedOnce) {
  EXPECT_EQ(Quoted("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"");
  EXPECT_EQ(Quoted("\n\x01\xff"), "\"\\x0a\\x01\\xff\"");
}

TEST(QuotedTextTest, PlainWordsNeedNoQuotes) {
  EXPECT_EQ(QuotedIfNeeded("CartTest.Flush/0_a-b"), "CartTest.Flush/0_a-b");
  for (const char* text : {"", "a b", "a:b", "a,b", "a]b", "a}b", "\xc3\xa9"})
    EXPECT_EQ(QuotedIfNeeded(text).front(), '"') << text;
}

}  // namespace
}  // namespace stray::analyzer
