// SPDX-License-Identifier: Apache-2.0
// What Analyze() finds in the dumps of tests/golden: id, count and tasks, one line each in findings.txt, in
// any order. What a report makes of them is checked beside it (tests/golden/golden_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "analyzer/analysis/analyze.h"
#include "analyzer/load/load.h"
#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;
using ::testing::UnorderedElementsAreArray;

std::vector<fs::path> CasesWithFindings() {
  std::vector<fs::path> cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(STRAY_SOURCE_DIR) / "tests/golden")) {
    if (fs::exists(entry.path() / "findings.txt")) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::vector<std::string> Lines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class GoldenFindingsTest : public testing::TestWithParam<fs::path> {};

TEST_P(GoldenFindingsTest, AreAsExpected) {
  const absl::StatusOr<Model> model = LoadFile((GetParam() / "dump.txt").string());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(Summaries(Analyze(*model)), UnorderedElementsAreArray(Lines(GetParam() / "findings.txt")));
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenFindingsTest, testing::ValuesIn(CasesWithFindings()),
                         [](const auto& test) { return test.param.filename().string(); });

}  // namespace
}  // namespace stray::analyzer
