// SPDX-License-Identifier: Apache-2.0
// Text from targets: what is UTF-8 stays, what is not becomes U+FFFD, one for each bad byte.
#include "analyzer/load/utf8.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

TEST(Utf8Test, WellFormedTextStaysAsItIs) {
  for (const char* text : {"", "plain", "gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC", "\xF0\x9F\x90\xB1",
                           "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
    EXPECT_EQ(ToUtf8(text), text);
  }
}

TEST(Utf8Test, EachBadByteBecomesOneReplacement) {
  EXPECT_EQ(ToUtf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(ToUtf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8Test, OverlongFormsAndSurrogatesAreNoCharacters) {
  for (const char* text : {"\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(text));
    EXPECT_TRUE(IsUtf8(ToUtf8(text)));
  }
}

TEST(Utf8Test, ACharacterCutAtTheEndIsReplaced) {
  EXPECT_FALSE(IsUtf8("\xE2\x82"));
  EXPECT_EQ(ToUtf8("a\xE2\x82"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace stray::analyzer
