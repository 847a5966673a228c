// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/page_data.h"

#include <gtest/gtest.h>

#include <string>

#include "nlohmann/json.hpp"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using Json = nlohmann::json;

Json DataOf(const Model& model, const std::vector<Finding>& findings, const PageOptions& options = {}) {
  return Json::parse(PageData(model, findings, options));
}

// Row `row` (from 1) of a column.
uint64_t At(const Json& column, size_t row) {
  return column.is_array() ? column.at(row - 1).get<uint64_t>() : column.get<uint64_t>();
}

std::string TextAt(const Json& data, const Json& column, size_t row) {
  return data["texts"].at(At(column, row)).get<std::string>();
}

TEST(PageDataTest, TasksOfTheSnapshotAreTheFirstRows) {
  const Model model = ShopModel();
  const Json data = DataOf(model, {DeadlockOf(model)});
  EXPECT_EQ(data["tasks"]["live"], 4);
  EXPECT_EQ(TextAt(data, data["tasks"]["label"], 2), "T2 \"flusher\"");
  EXPECT_EQ(TextAt(data, data["tasks"]["wait_reason"], 2), "pthread_mutex_lock");
  EXPECT_EQ(At(data["tasks"]["wait_ns"], 2), 2100000000u);
  EXPECT_EQ(At(data["tasks"]["parent"], 2), 1u);
}

TEST(PageDataTest, FindingRefersToTasksObjectsAndStacks) {
  const Model model = ShopModel();
  const Json data = DataOf(model, {DeadlockOf(model), LeakOf(model)});
  const Json& finding = data["findings"][0];
  EXPECT_EQ(finding["number"], 1);
  EXPECT_EQ(finding["groups"][0]["tasks"], Json({2}));
  EXPECT_EQ(finding["groups"][0]["header"], "T2 \"flusher\" blocked for 2.1 s in pthread_mutex_lock");
  EXPECT_EQ(finding["groups"][0]["facts"][0][0], "holds");
  EXPECT_EQ(finding["objects"].size(), 2u);
  EXPECT_EQ(TextAt(data, data["objects"]["label"], finding["objects"][0]), "g_cart");
  EXPECT_EQ(At(data["tasks"]["finding"], 2), 1u);
  EXPECT_EQ(At(data["tasks"]["finding"], 4), 2u);
  EXPECT_EQ(At(data["tasks"]["stuck"], 2), 1u);
  EXPECT_EQ(At(data["tasks"]["stuck"], 1), 0u);
}

TEST(PageDataTest, HoldersStandWithTheirLock) {
  const Model model = ShopModel();
  const Json data = DataOf(model, {DeadlockOf(model)});
  const Json& holders = data["objects"]["holders"]["1"];
  ASSERT_EQ(holders.size(), 1u);
  EXPECT_EQ(holders[0][0], 2);
  EXPECT_EQ(TextAt(data, data["frames"]["function"], holders[0][2].get<size_t>() + 1), "Cart::Flush");
}

TEST(PageDataTest, FramesThatReadersSkipAreFolds) {
  const Model model = ShopModel();
  const Json data = DataOf(model, {});
  const size_t stack = At(data["tasks"]["stack"], 2);
  EXPECT_EQ(data["stacks"]["frames"][stack].size(), 5u);  // an inlined one among them
  EXPECT_EQ(data["stacks"]["folds"][stack], Json({0, 2, 4, 1}));
  EXPECT_EQ(TextAt(data, data["frames"]["function"], At(data["stacks"]["site"], stack + 1) + 1),
            "Ledger::Append");
}

TEST(PageDataTest, WhatProgramsCallThingsIsPrintable) {
  const Model model = ShopModel(
      "task { id: 7 name: \"red\\033[31m\\342\\200\\256\" }\n"
      "task_state { task: 7 state: \"running\" }");
  const std::string data = PageData(model, {}, {});
  EXPECT_NE(data.find(R"(red\\x1b[31m\\xe2\\x80\\xae)"), std::string::npos) << data;
}

TEST(PageDataTest, SuppressedFindingsComeLastAndMarkNoTask) {
  const Model model = ShopModel();
  Finding leak = LeakOf(model);
  leak.suppressed = true;
  leak.suppressed_by = "rules.supp:3: they know";
  const Json data = DataOf(model, {leak, DeadlockOf(model)});
  EXPECT_EQ(data["findings"][0]["id"], "deadlock.cycle");
  EXPECT_EQ(data["findings"][1]["number"], 0);
  EXPECT_EQ(data["findings"][1]["hidden"], "suppressed");
  EXPECT_EQ(At(data["tasks"]["finding"], 4), 0u);
  EXPECT_EQ(data["suppressed"], Json({"rules.supp:3: they know"}));
}

TEST(PageDataTest, MissingDataIsSaid) {
  const Model model =
      ShopModel("loss { word: \"events\" count: 3 }\nnote { text: \"cut short\" incomplete: true }");
  const Json data = DataOf(model, {});
  EXPECT_TRUE(data["incomplete"].get<bool>());
  ASSERT_FALSE(data["remarks"].empty());
}

TEST(PageDataTest, WhatIsNotThereIsReferredToAsUnknown) {
  const Model model = ShopModel(R"(
      task { id: 8 parent: 77 create_stack: 99 }
      task_state { task: 8 state: "blocked" wait_reason: "pthread_mutex_lock" object: 88 stack: 98 waits_for_task: 76
                   wait_ns: 18446744073709551615 held { object: 87 site { stack: 97 } } }
      task_state { task: 8 state: "running" }
      task_state { task: 75 state: "running" })");
  Finding leak = LeakOf(model);
  leak.objects = {89};
  leak.groups = {{{TaskOf(model, 4)}}, {}};
  leak.groups.front().tasks.push_back(leak.groups.front().tasks.front());
  leak.groups.front().tasks.back().task = 74;
  const Json data = DataOf(model, {leak});
  EXPECT_EQ(data["tasks"]["live"], 7);
  EXPECT_EQ(At(data["tasks"]["wait_ns"], 5), uint64_t{1} << 53);
  EXPECT_EQ(At(data["tasks"]["stack"], 5), 0u);
  EXPECT_EQ(TextAt(data, data["objects"]["kind"], At(data["tasks"]["object"], 5)), "object");
  EXPECT_EQ(TextAt(data, data["tasks"]["state"], At(data["tasks"]["parent"], 5)), "not known");
  EXPECT_EQ(data["findings"][0]["groups"].size(), 1u);
  EXPECT_EQ(data["findings"][0]["groups"][0]["tasks"].size(), 2u);
}

TEST(PageDataTest, AModelWithoutProcessesHasAPage) {
  Model model;
  const Json data = DataOf(model, {});
  EXPECT_EQ(data["tasks"]["count"], 0);
  EXPECT_TRUE(data["processes"].empty());
}

}  // namespace
}  // namespace stray::analyzer
