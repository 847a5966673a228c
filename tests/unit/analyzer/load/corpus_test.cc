// SPDX-License-Identifier: Apache-2.0
// The seeds of the fuzzers are what their names say. After a change of a format, remake them:
// stray_make_corpus tests/fuzz/corpus
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;

// The seeds whose names begin with `prefix`.
std::vector<fs::path> Seeds(const std::string& prefix) {
  std::vector<fs::path> seeds;
  for (const auto& entry : fs::recursive_directory_iterator(STRAY_SOURCE_DIR "/tests/fuzz/corpus")) {
    if (entry.path().filename().string().rfind(prefix, 0) == 0) seeds.push_back(entry.path());
  }
  EXPECT_FALSE(seeds.empty());
  return seeds;
}

TEST(CorpusTest, WholeSeedsLoadWithoutDamage) {
  for (const fs::path& seed : Seeds("whole_")) {
    const auto model = LoadFile(seed);
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_THAT(model->damage, ::testing::IsEmpty()) << seed;
  }
}

TEST(CorpusTest, CutSeedsDoNotLookWhole) {
  for (const fs::path& seed : Seeds("cut_")) {
    if (seed.parent_path().filename() == "text") continue;      // text has no end that could be missing
    if (seed.parent_path().filename() == "race_log") continue;  // a log may be cut between two reports
    const auto model = LoadFile(seed);
    EXPECT_TRUE(!model.ok() || !model->damage.empty()) << seed;
  }
}

}  // namespace
}  // namespace stray::analyzer
