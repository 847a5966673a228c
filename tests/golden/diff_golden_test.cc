// SPDX-License-Identifier: Apache-2.0
// diff_golden_test.cc: series of dumps as text in, what has changed from one to the next out.
//
//   tests/golden/diffs/<case>/1.txt, 2.txt, ...   the dumps, in order
//                             diff.txt, diff.json what DiffText and DiffJson make of them
//
// scripts/update-goldens rewrites them; then read the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/refine.h"
#include "analyzer/load/load.h"
#include "analyzer/report/dump_diff.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void CompareWith(const fs::path& path, const std::string& actual) {
  if (std::getenv("STRAY_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  EXPECT_EQ(ReadFile(path), actual) << path << " differs; if that is meant, run scripts/update-goldens";
}

class DiffGoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(DiffGoldenTest, DiffsAreAsExpected) {
  const fs::path directory = fs::path(STRAY_GOLDEN_DIR) / "diffs" / GetParam();
  std::vector<Model> models;
  std::vector<std::string> names;
  for (int number = 1;; ++number) {
    const std::string name = std::to_string(number) + ".txt";
    if (!fs::exists(directory / name)) break;
    absl::StatusOr<Model> model = LoadBytes(ReadFile(directory / name), name);
    ASSERT_TRUE(model.ok()) << model.status();
    for (const auto& process : model->processes) RefineWaitReasons(*process);
    models.push_back(*std::move(model));
    names.push_back(name);
  }
  ASSERT_GE(models.size(), 2u);
  std::vector<JudgedDump> dumps;
  for (size_t i = 0; i < models.size(); ++i)
    dumps.push_back({names[i], &models[i], Analyze(models[i]), IsIncomplete(models[i])});
  const DumpDiff diff = CompareDumps(dumps);
  const std::string text = DiffText(diff, {});
  for (size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1)
    EXPECT_LE(TextWidth(text.substr(begin, text.find('\n', begin) - begin)), 80u);
  CompareWith(directory / "diff.txt", text);
  CompareWith(directory / "diff.json", DiffJson(diff));
}

INSTANTIATE_TEST_SUITE_P(Cases, DiffGoldenTest, testing::Values("growing_service", "rebuilt_program"),
                         [](const testing::TestParamInfo<std::string>& name) { return name.param; });

}  // namespace
}  // namespace stray::analyzer
