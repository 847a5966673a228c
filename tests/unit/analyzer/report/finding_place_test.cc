// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/finding_place.h"

#include <gtest/gtest.h>

#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

TEST(FindingPlaceTest, PlaceIsWhereTheFirstTaskBlocksInUserCode) {
  const Model model = ShopModel();
  const std::optional<SourcePlace> source = SourceOf(PlaceOf(DeadlockOf(model)));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->file, "/home/dev/shop/src/ledger.cc");
  EXPECT_EQ(source->line, 40u);
}

TEST(FindingPlaceTest, CreationStandsForATaskOfWhichNothingElseIsKnown) {
  const Model model = ShopModel();
  Finding finding = LeakOf(model);
  finding.groups[0].tasks[0].stacks.erase(finding.groups[0].tasks[0].stacks.begin());
  EXPECT_EQ(SourceOf(PlaceOf(finding))->file, "/home/dev/shop/src/main.cc");
  finding.groups[0].tasks[0].stacks.clear();
  EXPECT_FALSE(PlaceOf(finding).has_value());
  finding.process = nullptr;
  EXPECT_FALSE(PlaceOf(finding).has_value());
}

TEST(FindingPlaceTest, TestsAreThoseOfAllItsTasksEachOnce) {
  Model model = ShopModel(
      "task { id: 8 kind: \"thread\" test: \"CartTest.Flush\" }\n"
      "task { id: 9 kind: \"thread\" test: \"CartTest.Flush\" }\n"
      "task { id: 10 kind: \"thread\" test: \"CartTest.Add\" }\n");
  Finding finding = LeakOf(model);
  EXPECT_TRUE(TestsOf(finding).empty());
  EXPECT_EQ(TestsText(finding), "");
  const auto add = [&](uint32_t id) {
    EvidenceTask task;
    task.task = id;
    finding.groups.push_back({{task}});
  };
  add(8);
  add(9);
  EXPECT_EQ(TestsText(finding), "CartTest.Flush");
  add(10);
  EXPECT_EQ(TestsOf(finding), (std::vector<std::string>{"CartTest.Flush", "CartTest.Add"}));
  EXPECT_EQ(TestsText(finding), "CartTest.Flush and 1 more");
}

TEST(FindingPlaceTest, PathsBelowTheRootAreRelativeToIt) {
  EXPECT_EQ(PathBelow("/home/dev/shop", "/home/dev/shop/src/a.cc"), "src/a.cc");
  EXPECT_EQ(PathBelow("/home/dev/shop/", "/home/dev/shop/src/a.cc"), "src/a.cc");
  EXPECT_EQ(PathBelow("/home/dev/shop", "/home/dev/shopping/a.cc"), "/home/dev/shopping/a.cc");
  EXPECT_EQ(PathBelow("/home/dev/shop", "./src/a.cc"), "src/a.cc");
  EXPECT_EQ(PathBelow("", "/a.cc"), "/a.cc");
  EXPECT_EQ(PathBelow("/", "/a.cc"), "/a.cc");
}

}  // namespace
}  // namespace stray::analyzer
