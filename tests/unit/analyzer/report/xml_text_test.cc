// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/xml_text.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

TEST(XmlTextTest, MarkupIsEscapedAndLinesStay) {
  EXPECT_EQ(XmlText("a<b>&\"c\"\n]]>"), "a&lt;b&gt;&amp;&quot;c&quot;\n]]&gt;");
  EXPECT_EQ(XmlAttribute("a<b>&\"c\"\nd"), "a&lt;b&gt;&amp;&quot;c&quot; d");
}

TEST(XmlTextTest, WhatXmlHasNoFormForBecomesReadable) {
  EXPECT_EQ(XmlText("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(XmlText(absl::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(XmlText("\xff\xc0\x80"), "\\xff\\xc0\\x80");
  EXPECT_EQ(XmlText("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(XmlText("\xef\xbf\xbe\xef\xbf\xbf"), "\\xef\\xbf\\xbe\\xef\\xbf\\xbf");
  EXPECT_EQ(XmlText("\t\r"), "\\x09\\x0d");
  EXPECT_EQ(XmlText("\xc3\xa9"), "\xc3\xa9");
}

}  // namespace
}  // namespace stray::analyzer
