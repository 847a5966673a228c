// SPDX-License-Identifier: Apache-2.0
// Dumps as text: what people may write, what they are told, and what they get to read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Model Read(const std::string& text) {
  auto model = ReadText(text, "t.txt");
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : Model();
}

std::string ErrorOf(const std::string& text) {
  const auto model = ReadText(text, "t.txt");
  EXPECT_FALSE(model.ok());
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(model.status().message());
}

std::string Write(const Model& model) {
  std::ostringstream out;
  EXPECT_TRUE(WriteText(model, out).ok());
  return out.str();
}

TEST(TextDumpTest, RecordsBelongToTheProcessAndSnapshotBeforeThem) {
  const Model model = Read(R"(
    # two processes
    process { pid: 1 }
    task { id: 1 main: true }
    snapshot { id: 1 reason: "hang" }
    task_state { task: 1 state: "blocked" }   # a comment with a } brace
    snapshot { id: 2 reason: "exit" }
    process { pid: 2 }
    stack { id: 7 addresses: [0x10, 32] }
  )");
  ASSERT_EQ(model.processes.size(), 2u);
  const ProcessModel& first = *model.processes[0];
  EXPECT_TRUE(first.FindTask(1)->main());
  ASSERT_EQ(first.snapshots.size(), 2u);
  EXPECT_EQ(first.snapshots[0].Find(1)->state(), "blocked");
  EXPECT_EQ(first.LastSnapshot()->Find(1), nullptr);
  EXPECT_THAT(model.processes[1]->FindStack(7)->addresses(), ::testing::ElementsAre(16, 32));
}

TEST(TextDumpTest, BracesQuotesAndHashesInStringsAreText) {
  const Model model = Read("process { pid: 1 }\nnote { text: \"} # { \\\" '\" }\nnote { text: '\"' }\n");
  ASSERT_EQ(model.processes[0]->notes.size(), 2u);
  EXPECT_EQ(model.processes[0]->notes[0].text(), "} # { \" '");
  EXPECT_EQ(model.processes[0]->notes[1].text(), "\"");
}

TEST(TextDumpTest, AnEmptyTextIsAnEmptyModel) { EXPECT_TRUE(Read("").processes.empty()); }

TEST(TextDumpTest, ErrorsNameTheLine) {
  EXPECT_THAT(ErrorOf("process { pid: 1 }\n\ntask {\n  id: 1\n  nmae: \"x\"\n}\n"), StartsWith("t.txt:5: "));
  EXPECT_THAT(ErrorOf("process { pid: 1 }\ntask {\n  id: 1\n"),
              HasSubstr("t.txt:2: the record that begins here does not end"));
  EXPECT_THAT(ErrorOf("process { pid: 1 }\nno_such_record { }\n"), StartsWith("t.txt:2: "));
  EXPECT_THAT(ErrorOf("process { pid: 1 }\nnote { text: \"\\377\" }\n"),
              HasSubstr("t.txt:2: a string of this record is not UTF-8"));
  EXPECT_THAT(ErrorOf("unknown: \"\\001\"\n"), HasSubstr("t.txt:1: "));
  EXPECT_THAT(ErrorOf("}"), StartsWith("t.txt:1: "));
}

TEST(TextDumpTest, RecordsThatBelongToNothingAreDamage) {
  const Model model = Read("task { id: 1 }\nprocess { pid: 1 }\ntask_state { task: 1 }\n");
  ASSERT_EQ(model.damage.size(), 1u);
  EXPECT_THAT(model.damage[0], HasSubstr("t.txt: 2 records were dropped"));
}

TEST(TextDumpTest, ShortRecordsAreOneLineAndAddressesHexadecimal) {
  const std::string text =
      Write(Read("process { pid: 1 }\nstack { id: 1 addresses: [4198400, 4198401] }\ntask { }\n"));
  EXPECT_THAT(text,
              HasSubstr("\nprocess { pid: 1 }\nstack { id: 1 addresses: [0x401000, 0x401001] }\ntask {}\n"));
  EXPECT_THAT(text, StartsWith("# stray dump as text"));
}

TEST(TextDumpTest, LongRecordsAreSpreadOverLines) {
  const std::string text =
      Write(Read("process { pid: 1 }\nnote { text: \"" + std::string(120, 'x') + "\" incomplete: true }\n"));
  EXPECT_THAT(text, HasSubstr("\nnote {\n  text: \"xxx"));
  EXPECT_THAT(text, HasSubstr("\"\n  incomplete: true\n}\n"));
}

TEST(TextDumpTest, ARecordWithFieldsOfANewerVersionShowsItsKnownPart) {
  Model model = Read("process { pid: 1 }\ntask { id: 3 }\n");
  auto& task = model.processes[0]->tasks[0];
  task.GetReflection()->MutableUnknownFields(&task)->AddVarint(900, 5);
  const std::string text = Write(model);
  EXPECT_THAT(text, HasSubstr("# holds fields of a newer version; the known part: task { id: 3"));
  const Model copy = Read(text);
  ASSERT_EQ(copy.processes[0]->tasks.size(), 1u);
  EXPECT_EQ(copy.processes[0]->tasks[0].SerializeAsString(), task.SerializeAsString());
}

TEST(TextDumpTest, AStreamThatFailsIsAnError) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(WriteText(Model(), out).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace stray::analyzer
