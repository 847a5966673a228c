// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/told_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Finding Made(const std::string& signature, uint64_t count) {
  Finding finding;
  finding.signature = signature;
  finding.count = count;
  return finding;
}

std::vector<std::string> Take(ToldFindings& told, std::vector<Finding> findings) {
  std::vector<std::string> news;
  for (const News& one : told.TakeNews(std::move(findings)))
    news.push_back(absl::StrCat(one.finding.signature, " ", one.count, " after ", one.told_before));
  return news;
}

TEST(ToldFindingsTest, EachIsToldOnceAndWhenItHasDoubled) {
  ToldFindings told;
  EXPECT_THAT(Take(told, {Made("a", 3)}), ElementsAre("a 3 after 0"));
  EXPECT_THAT(Take(told, {Made("a", 5), Made("b", 1)}), ElementsAre("b 1 after 0"));
  EXPECT_THAT(Take(told, {Made("a", 6), Made("b", 1)}), ElementsAre("a 6 after 3"));
  EXPECT_THAT(Take(told, {Made("a", 11)}), IsEmpty());
  EXPECT_THAT(Take(told, {}), IsEmpty());
  EXPECT_THAT(Take(told, {Made("a", 6)}), IsEmpty());
}

TEST(ToldFindingsTest, FindingsOfOneSignatureAreOne) {
  ToldFindings told;
  EXPECT_THAT(Take(told, {Made("a", 1), Made("a", 2)}), ElementsAre("a 3 after 0", "a 3 after 0"));
  EXPECT_THAT(Take(told, {Made("a", 3), Made("a", 2)}), IsEmpty());
  EXPECT_THAT(Take(told, {Made("a", 3), Made("a", 3)}), ElementsAre("a 6 after 3"));
}

TEST(ToldFindingsTest, WhatHasNoRoomIsSaidToBeLost) {
  ToldFindings told(1);
  EXPECT_THAT(Take(told, {Made("a", 1)}), ElementsAre("a 1 after 0"));
  EXPECT_FALSE(told.has_lost());
  EXPECT_THAT(Take(told, {Made("b", 1)}), IsEmpty());
  EXPECT_TRUE(told.has_lost());
}

TEST(ToldFindingsTest, KeysAreNewsOnceAndWhenTheyHaveDoubled) {
  ToldFindings told;
  EXPECT_TRUE(told.HasNews({{7, 1}}));
  EXPECT_FALSE(told.HasNews({{7, 1}}));
  EXPECT_TRUE(told.HasNews({{7, 2}}));
  EXPECT_TRUE(told.HasNews({{7, 2}, {8, 1}}));
  EXPECT_FALSE(told.HasNews({}));
}

}  // namespace
}  // namespace stray::analyzer
