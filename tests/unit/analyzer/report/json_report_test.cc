// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "analyzer/analysis/analyze.h"
#include "analyzer/report/report.h"
#include "nlohmann/json.hpp"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using Json = nlohmann::json;

Json ReportOf(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options = {}) {
  return Json::parse(JsonReport(model, findings, options));
}

// The schema of docs/, as far as reports use it: $ref, type, const, enum, required, properties, items,
// additionalProperties, anyOf.
class SchemaCheck {
 public:
  explicit SchemaCheck(Json root) : root_(std::move(root)) {}

  void Expect(const Json& value) { Check(value, root_, "report"); }

 private:
  const Json& Resolved(const Json& schema) const {
    if (!schema.contains("$ref")) return schema;
    return root_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  }

  static bool IsOfType(const Json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    return type == value.type_name();
  }

  static bool HasElement(const Json& array, const Json& value) {
    return std::find(array.begin(), array.end(), value) != array.end();
  }

  static bool TypeMatches(const Json& value, const Json& types) {
    if (types.is_string()) return IsOfType(value, types);
    return std::any_of(types.begin(), types.end(), [&](const Json& type) { return IsOfType(value, type); });
  }

  void Check(const Json& value, const Json& unresolved, const std::string& path) {
    const Json& schema = Resolved(unresolved);
    if (schema.contains("anyOf")) {
      if (value.is_null()) return;  // the only use: something or null
      Check(value, schema["anyOf"].front(), path);
    }
    EXPECT_TRUE(!schema.contains("type") || TypeMatches(value, schema["type"])) << path << ": " << value;
    EXPECT_TRUE(!schema.contains("const") || value == schema["const"]) << path << ": " << value;
    EXPECT_TRUE(!schema.contains("enum") || HasElement(schema["enum"], value)) << path << ": " << value;
    if (schema.contains("required")) {
      for (const Json& key : schema["required"]) EXPECT_TRUE(value.contains(key)) << path << " lacks " << key;
    }
    if (value.is_object() && schema.contains("properties")) CheckMembers(value, schema, path);
    if (value.is_array() && schema.contains("items")) {
      for (const Json& item : value) Check(item, schema["items"], path + "[]");
    }
  }

  void CheckMembers(const Json& value, const Json& schema, const std::string& path) {
    for (const auto& [key, member] : value.items()) {
      EXPECT_TRUE(schema["properties"].contains(key))
          << path << "." << key << " is not in docs/report.schema.json";
      if (schema["properties"].contains(key)) Check(member, schema["properties"][key], path + "." + key);
    }
  }

  Json root_;
};

Json Schema() {
  std::ifstream in(STRAY_SOURCE_DIR "/docs/report.schema.json");
  EXPECT_TRUE(in.good());
  return Json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(JsonReportTest, FollowsTheSchema) {
  Model model = ShopModel(
      "loss { word: \"tasks\" count: 3 }\n"
      "label { task: 2 key: \"tenant\" value: \"a\" }\n"
      "note { text: \"half\" incomplete: true }");
  std::vector<Finding> findings = {DeadlockOf(model), LeakOf(model)};
  findings.front().consequences = findings.back().groups;
  findings.back().suppressed = true;
  findings.back().suppressed_by = "rules.supp:1: why";
  findings.front().known = true;
  findings.front().quarantine = Quarantine{"rules.supp:2: why", "2026-12-31", true};
  findings.front().exceeded = "rules.supp:3 accepts at most 1";
  ReportOptions options;
  options.notes = {"a note"};
  options.dump_paths = {"a.stray"};
  options.event = WatchEvent{.kind = "more", .told_before = 2, .count = 4, .time_ns = 5};
  findings.front().growth = EvidenceGrowth{.first = 1, .now = 12, .per_minute = 2.5, .snapshots = 10};
  SchemaCheck(Schema()).Expect(ReportOf(model, findings, options));
  SchemaCheck(Schema()).Expect(ReportOf(Model(), {}));
}

TEST(JsonReportTest, RacesFollowTheSchema) {
  size_t logs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(STRAY_SOURCE_DIR "/tests/golden")) {
    if (entry.is_directory() || entry.path().filename().string().rfind("log", 0) != 0) continue;
    ++logs;
    const absl::StatusOr<Model> model = LoadFile(entry.path());
    ASSERT_TRUE(model.ok()) << model.status();
    SchemaCheck(Schema()).Expect(ReportOf(*model, Analyze(*model)));
  }
  EXPECT_GT(logs, 10u);
}

TEST(JsonReportTest, FindingHasTasksStacksAndObjects) {
  const Model model = ShopModel();
  const Json report = ReportOf(model, {DeadlockOf(model)});
  EXPECT_EQ(report["schema"], "stray.report/1");
  EXPECT_EQ(report["program"]["name"], "cart_test");
  const Json& finding = report["findings"][0];
  EXPECT_EQ(finding["id"], "deadlock.cycle");
  EXPECT_EQ(finding["confidence"], "proved");
  EXPECT_EQ(finding["count"], 1);
  const Json& task = finding["tasks"][0];
  EXPECT_EQ(task["task"], 2);
  EXPECT_EQ(task["name"], "flusher");
  EXPECT_EQ(task["wait_ns"], 2100000000);
  EXPECT_EQ(task["object"], 2);
  EXPECT_EQ(task["waits_for_task"], 3);
  EXPECT_EQ(task["held"][0]["name"], "g_cart");
  EXPECT_EQ(task["held"][0]["taken_at"]["function"], "Cart::Flush()");
  EXPECT_EQ(finding["objects"][1]["address"], "0x7f10");
}

TEST(JsonReportTest, InlinedFramesAreExpanded) {
  const Model model = ShopModel();
  const Json frames = ReportOf(model, {DeadlockOf(model)})["findings"][0]["stacks"][0]["frames"];
  EXPECT_EQ(frames[1]["function"], "std::mutex::lock()");
  EXPECT_EQ(frames[1]["inlined"], true);
  EXPECT_EQ(frames[2]["function"], "Ledger::Append(Entry const&)");
  EXPECT_EQ(frames[2]["line"], 40);
  EXPECT_EQ(frames[2]["offset"], 0x1200);
  EXPECT_FALSE(frames[2].contains("inlined"));
}

TEST(JsonReportTest, WhatIsNotKnownIsNull) {
  const Model model = ShopModel();
  Finding finding = LeakOf(model);
  finding.groups.front().tasks.front().stacks.front().addresses = {0x7f0000001100, 0xdead};
  finding.groups.front().tasks.front().object = 0;
  const Json json = ReportOf(model, {finding})["findings"][0];
  EXPECT_TRUE(json["tasks"][0]["object"].is_null());
  EXPECT_TRUE(json["tasks"][0]["test"].is_null());
  EXPECT_TRUE(json["stacks"][0]["frames"][0]["file"].is_null());
  EXPECT_TRUE(json["stacks"][0]["frames"][1]["module"].is_null());
}

TEST(JsonReportTest, SuppressedFindingsStandApart) {
  const Model model = ShopModel();
  Finding finding = DeadlockOf(model);
  finding.suppressed = true;
  finding.suppressed_by = "rules.supp:2: ticket 12";
  const Json report = ReportOf(model, {finding});
  EXPECT_TRUE(report["findings"].empty());
  EXPECT_EQ(report["suppressed"][0]["suppressed_by"], "rules.supp:2: ticket 12");
}

TEST(JsonReportTest, LossesOfAllProcessesAreAddedUp) {
  const Model model = ShopModel(
      "loss { word: \"tasks\" count: 3 }\n"
      "process { pid: 4712 program: \"/bin/helper\" }\n"
      "loss { word: \"tasks\" count: 4 }");
  const Json report = ReportOf(model, {});
  EXPECT_EQ(report["losses"]["tasks"], 7);
  EXPECT_EQ(report["processes"][1]["losses"]["tasks"], 4);
  EXPECT_EQ(report["incomplete"], true);
}

TEST(JsonReportTest, BytesThatAreNoUtf8DoNotBreakIt) {
  Model model = ShopModel();
  model.processes.front()->tasks[1].set_name("\xff\xfe");
  EXPECT_EQ(ReportOf(model, {DeadlockOf(model)})["findings"][0]["tasks"][0]["name"],
            "\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace stray::analyzer
