// SPDX-License-Identifier: Apache-2.0
#include "agent/base/bytes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace stray::agent {
namespace {

constexpr size_t kSizes[] = {0, 1, 7, 8, 9, 63, 511, 512, 513, 4096};

std::vector<char> Numbers(size_t size) {
  std::vector<char> bytes(size);
  std::iota(bytes.begin(), bytes.end(), 1);
  return bytes;
}

TEST(BytesTest, CopyingTakesAllAndNoMore) {
  for (size_t size : kSizes) {
    const std::vector<char> from = Numbers(size);
    std::vector<char> to(size + 1, 'x');
    CopyForwards(to.data(), from.data(), size);
    EXPECT_TRUE(std::equal(from.begin(), from.end(), to.begin())) << size;
    EXPECT_EQ(to[size], 'x') << size;
  }
}

TEST(BytesTest, WhatOverlapsIsMovedInTheRightDirection) {
  for (size_t distance : {1, 7, 8, 9, 100}) {
    for (size_t size : kSizes) {
      std::vector<char> bytes = Numbers(size + distance), expected = bytes;
      std::memmove(expected.data(), expected.data() + distance, size);
      CopyForwards(bytes.data(), bytes.data() + distance, size);
      EXPECT_EQ(bytes, expected) << size << " down by " << distance;
      std::memmove(expected.data() + distance, expected.data(), size);
      CopyBackwards(bytes.data() + distance, bytes.data(), size);
      EXPECT_EQ(bytes, expected) << size << " up by " << distance;
    }
  }
}

TEST(BytesTest, FillingTakesAllAndNoMore) {
  for (size_t size : kSizes) {
    std::vector<char> bytes(size + 1, 'x');
    Fill(bytes.data(), 'y', size);
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), std::string(size, 'y') + "x");
  }
}

TEST(BytesTest, BytesAreComparedAsNumbersWithoutSign) {
  const auto compare = [](const std::string& a, const std::string& b) {
    return Compare(reinterpret_cast<const unsigned char*>(a.data()),
                   reinterpret_cast<const unsigned char*>(b.data()), a.size());
  };
  for (size_t size : kSizes) {
    const std::string same(size, 'a');
    EXPECT_EQ(compare(same, same), 0);
    for (size_t at = 0; at < size; at += 5) {
      std::string other = same;
      other[at] = '\xff';
      EXPECT_LT(compare(same, other), 0) << at << " of " << size;
      EXPECT_GT(compare(other, same), 0) << at << " of " << size;
    }
  }
}

TEST(BytesTest, TextsAreComparedUpToTheirEndOrTheLimit) {
  EXPECT_EQ(CompareText("abc", "abc", SIZE_MAX), 0);
  EXPECT_LT(CompareText("ab", "abc", SIZE_MAX), 0);
  EXPECT_GT(CompareText("b", "abc", SIZE_MAX), 0);
  EXPECT_EQ(CompareText("abx", "aby", 2), 0);
  EXPECT_LT(CompareText("a", "\xff", SIZE_MAX), 0);
  EXPECT_EQ(Length(""), 0u);
  EXPECT_EQ(Length("abc"), 3u);
}

TEST(BytesTest, SearchesFindFirstLastAndTexts) {
  const char* text = "a/b/c";
  EXPECT_EQ(FindFirst(text, '/'), text + 1);
  EXPECT_EQ(FindLast(text, '/'), text + 3);
  EXPECT_EQ(FindFirst(text, '\0'), text + 5);
  EXPECT_EQ(FindFirst(text, 'x'), nullptr);
  EXPECT_EQ(FindLast(text, 'x'), nullptr);
  EXPECT_EQ(FindText(text, "b/c"), text + 2);
  EXPECT_EQ(FindText(text, "c/"), nullptr);
  EXPECT_EQ(FindText(text, ""), text);
}

}  // namespace
}  // namespace stray::agent
