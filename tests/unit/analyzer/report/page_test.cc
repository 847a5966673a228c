// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/page.h"

#include <gtest/gtest.h>

#include <string>

namespace stray::analyzer {
namespace {

TEST(PageTest, ParagraphWrapsAtSpacesAndHangsBelowItsLead) {
  Page page(20, false);
  page.Paragraph(1, {"note: "}, "one two three four five");
  EXPECT_EQ(page.Take(),
            " note: one two three\n"
            "       four five\n");
}

TEST(PageTest, WordLongerThanTheLineIsKeptWhole) {
  Page page(12, false);
  page.Paragraph(2, "a VeryLongFunctionName b");
  EXPECT_EQ(page.Take(), "  a\n  VeryLongFunctionName\n  b\n");
}

TEST(PageTest, LineBreaksInTextAreKept) {
  Page page(80, false);
  page.Paragraph(2, "one\ntwo");
  EXPECT_EQ(page.Take(), "  one\n  two\n");
}

TEST(PageTest, BlankLinesDoNotPileUp) {
  Page page(80, false);
  page.Blank();
  page.Line(0, "a");
  page.Blank();
  page.Blank();
  page.Line(0, "b");
  EXPECT_EQ(page.Take(), "a\n\nb\n");
}

TEST(PageTest, ColourIsWrittenOnlyWhenAskedFor) {
  Page plain(80, false);
  plain.Line(0, "x", Tone::kAlarm);
  EXPECT_EQ(plain.Take(), "x\n");
  Page colored(80, true);
  colored.Line(0, "x", Tone::kAlarm);
  EXPECT_EQ(colored.Take(), "\x1b[1;31mx\x1b[0m\n");
}

TEST(PageTest, TextCannotSpeakToTheTerminal) {
  Page page(80, true);
  page.Line(0, "a\x1b[2Jb\rc");
  EXPECT_EQ(page.Take(), "a\\x1b[2Jb\\x0dc\n");
}

TEST(PrintableTest, KeepsUtf8AndEscapesWhatIsNone) {
  EXPECT_EQ(Printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(Printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(Printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
}

TEST(PrintableTest, EscapesDirectionOverrides) {
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "b"),
            "a\\xe2\\x80\\xae"
            "b");
}

TEST(TextWidthTest, CountsCodePoints) { EXPECT_EQ(TextWidth("gr\xc3\xbc\xc3\x9f"), 4u); }

TEST(ShortenTest, SaysThatSomethingIsMissing) {
  EXPECT_EQ(Shorten("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(Shorten("abcdefghi", 8), "abcdef..");
  EXPECT_EQ(Shorten("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 3), "\xc3\xbc..");
}

}  // namespace
}  // namespace stray::analyzer
