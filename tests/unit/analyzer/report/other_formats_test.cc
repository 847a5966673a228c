// SPDX-License-Identifier: Apache-2.0
// Names that are no text at all, in every format: tests/cli/formats_test.py reads the formats as their readers
// do, but a dump cannot hold bytes that are no characters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/analysis/analyze.h"
#include "analyzer/report/report.h"
#include "analyzer/report/task_profile.h"
#include "nlohmann/json.hpp"
#include "tests/support/random_model.h"
#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A shop whose names are all `name`.
Model ModelOf(const std::string& name) {
  Model model = ShopModel();
  ProcessModel& process = *model.processes[0];
  process.process.set_program(name);
  for (wire::Task& task : process.tasks) {
    task.set_name(name);
    task.set_test(name);
  }
  for (wire::Object& object : process.objects) object.set_name(name);
  for (wire::Frame& frame : process.frames) {
    for (wire::Location& location : *frame.mutable_locations()) {
      if (location.file().empty()) continue;
      location.set_function(name);
      location.set_file(name);
    }
  }
  for (wire::Module& module : process.modules) module.set_path(name);
  wire::Label& label = process.labels.emplace_back();
  label.set_task(2);
  label.set_key(name);
  label.set_value(name);
  process.Index();
  return model;
}

std::vector<std::string> AllFormats(const Model& model) {
  const std::vector<Finding> findings = Analyze(model);
  return {JunitReport(model, findings, {}),
          SarifReport(model, findings, {}),
          GithubReport(model, findings, {}),
          MarkdownReport(model, findings, {}),
          FoldedText(MakeTaskProfile(model, findings, {})),
          ProfileText(MakeTaskProfile(model, findings, {})),
          GoroutineText(model, findings, true)};
}

TEST(OtherFormatsTest, BytesThatAreNoCharactersBecomeReadable) {
  for (const std::string& text : AllFormats(ModelOf("a\xff\x80z"))) {
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
    EXPECT_THAT(text, HasSubstr("z"));
    EXPECT_TRUE(nlohmann::json(text).dump().size() > 2);  // throws unless it is UTF-8
  }
}

TEST(OtherFormatsTest, ControlCharactersNeverGetThrough) {
  for (const std::string& text : AllFormats(ModelOf("a\x1b[31m\r\n\x07\x7fz"))) {
    for (const char* character : {"\x1b", "\r", "\x07", "\x7f"}) EXPECT_THAT(text, Not(HasSubstr(character)));
  }
}

TEST(OtherFormatsTest, WhateverADumpSaysIsWritten) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Model model = test::RandomModel(seed);
    for (const auto& process : model.processes) process->Index();
    for (const std::string& text : AllFormats(model)) {
      EXPECT_THAT(text, Not(HasSubstr("\x1b")));
      EXPECT_TRUE(nlohmann::json(text).dump().size() >= 2) << "no UTF-8, seed " << seed;
    }
  }
}

TEST(OtherFormatsTest, NothingFoundIsSaidInEveryFormat) {
  const absl::StatusOr<Model> model = ReadText(
      "process { pid: 3 program: \"/bin/app\" state: \"exited\" }\n"
      "task { id: 1 kind: \"thread\" main: true }\n"
      "snapshot { id: 1 reason: \"exit\" exiting_task: 1 }\n"
      "task_state { task: 1 state: \"running\" in_exit: true }\n",
      "clean.txt");
  ASSERT_TRUE(model.ok());
  EXPECT_THAT(JunitReport(*model, {}, {}),
              HasSubstr("<testcase classname=\"app\" name=\"no findings\" time=\"0\"/>"));
  EXPECT_EQ(GithubReport(*model, {}, {}), "::notice title=stray::no findings in app (pid 3): 1 task.\n");
  EXPECT_EQ(MarkdownReport(*model, {}, {}), "### stray: no findings in app (pid 3)&#58; 1 task.\n");
  EXPECT_TRUE(nlohmann::json::parse(SarifReport(*model, {}, {}))["runs"][0]["results"].empty());
}

}  // namespace
}  // namespace stray::analyzer
