// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/cell_text.h"

#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

TEST(CellTextTest, WideCharactersTakeTwoCellsAndCombiningOnesNone) {
  EXPECT_EQ(CellWidth("Cart::Flush"), 11u);
  EXPECT_EQ(CellWidth("\xC3\xA4\xE2\x82\xAC"), 2u);      // an umlaut, a euro sign
  EXPECT_EQ(CellWidth("\xE4\xB8\xAD\xE6\x96\x87"), 4u);  // two of China
  EXPECT_EQ(CellWidth("e\xCC\x81"), 1u);                 // e, and an accent upon it
  EXPECT_EQ(CellWidth("\xF0\x9F\x9A\x80"), 2u);          // a rocket
}

TEST(CellTextTest, FitsExactly) {
  EXPECT_EQ(FitCells("abc", 5), "abc  ");
  EXPECT_EQ(FitCells("abcdef", 5), "abc..");
  EXPECT_EQ(FitCells("abcdef", 2), "ab");
  EXPECT_EQ(FitCells("abcdef", 0), "");
  EXPECT_EQ(FitCellsRight("abc", 5), "  abc");
  EXPECT_EQ(FitCellsRight("abcdef", 5), "abc..");
}

TEST(CellTextTest, NoWideCharacterIsCutInHalf) {
  // Five cells have room for two of them and a space.
  for (size_t width = 0; width <= 12; ++width)
    EXPECT_EQ(CellWidth(FitCells("\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD", width)),
              width);
  EXPECT_EQ(FitCells("\xE4\xB8\xAD\xE6\x96\x87\xE4\xB8\xAD", 5), "\xE4\xB8\xAD.. ");
}

TEST(CellTextTest, SkipsCells) {
  EXPECT_EQ(SkipCells("abcdef", 2), "cdef");
  EXPECT_EQ(SkipCells("abcdef", 9), "");
  EXPECT_EQ(SkipCells("\xE4\xB8\xAD\xE6\x96\x87", 1), " \xE6\x96\x87");
}

}  // namespace
}  // namespace stray::analyzer
