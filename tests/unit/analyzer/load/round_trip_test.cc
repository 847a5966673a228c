// SPDX-License-Identifier: Apache-2.0
// What is written can be read, and nothing is lost on the way: dump, text, and the two after each other.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/load/load.h"
#include "tests/support/random_model.h"

namespace stray::analyzer {
namespace {

using test::RandomModel;
using test::RecordsOf;

Model ThroughDump(const Model& model) {
  const std::string path = absl::StrCat(::testing::TempDir(), "round_trip.", getpid(), ".stray");
  EXPECT_TRUE(WriteDump(model, path).ok());
  auto result = LoadFile(path);
  unlink(path.c_str());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : Model();
}

Model ThroughText(const Model& model) {
  std::ostringstream text;
  EXPECT_TRUE(WriteText(model, text).ok());
  auto result = ReadText(text.str(), "round_trip.txt");
  EXPECT_TRUE(result.ok()) << result.status() << "\n" << text.str();
  return result.ok() ? *std::move(result) : Model();
}

TEST(RoundTripTest, NoRecordIsLostOrChanged) {
  size_t records_seen = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const Model model = RandomModel(seed);
    const auto records = RecordsOf(model);
    records_seen += records.size();
    const Model from_dump = ThroughDump(model);
    EXPECT_EQ(RecordsOf(from_dump), records);
    EXPECT_TRUE(from_dump.damage.empty());
    const Model from_text = ThroughText(from_dump);
    EXPECT_EQ(RecordsOf(from_text), records);
    EXPECT_TRUE(from_text.damage.empty());
    if (HasFailure()) break;
  }
  EXPECT_GT(records_seen, 5000u);
}

TEST(RoundTripTest, DamageOfTheOriginalIsANoteInTheCopy) {
  Model model;
  model.processes.push_back(std::make_unique<ProcessModel>());
  model.damage.push_back("app.stray@0x4f0: cut");
  std::ostringstream text;
  ASSERT_TRUE(WriteText(model, text).ok());
  const auto copy = ReadText(text.str(), "copy.txt");
  ASSERT_TRUE(copy.ok()) << copy.status();
  ASSERT_EQ(copy->processes.front()->notes.size(), 1u);
  EXPECT_EQ(copy->processes.front()->notes[0].text(), "app.stray@0x4f0: cut");
  EXPECT_TRUE(copy->processes.front()->notes[0].incomplete());
}

}  // namespace
}  // namespace stray::analyzer
