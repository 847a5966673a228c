// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/events_that_fit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace stray::analyzer {
namespace {

constexpr uint64_t kMachine = 24'000'000'000;

// A tree of control groups of the test's own.
class MemoryLimitTest : public testing::Test {
 protected:
  MemoryLimitTest() : root_(testing::TempDir() + "stray_groups_" + std::to_string(getpid())) {
    std::filesystem::remove_all(root_);
  }
  ~MemoryLimitTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text << "\n";
  }
  uint64_t Of(const std::string& groups) const { return MemoryLimit(groups, root_, kMachine); }

  const std::string root_;
};

TEST_F(MemoryLimitTest, IsThatOfTheGroupOrOfOneAroundIt) {
  Write("/ci/job/memory.max", "8000000000");
  Write("/ci/memory.max", "4000000000");
  Write("/ci/other/memory.max", "1000000000");
  EXPECT_EQ(Of("0::/ci/job\n"), 4'000'000'000u);
  EXPECT_EQ(Of("0::/ci/other\n"), 1'000'000'000u);
}

TEST_F(MemoryLimitTest, WhereThePathIsTheHostsTheRootTells) {
  Write("/memory.max", "2000000000");
  EXPECT_EQ(Of("0::/docker/0123456789ab\n"), 2'000'000'000u);
  EXPECT_EQ(Of("0::/\n"), 2'000'000'000u);
}

TEST_F(MemoryLimitTest, OfVersion1TheOneThatHasMemory) {
  Write("/memory/job/memory.limit_in_bytes", "3000000000");
  Write("/memory.max", "1000");  // of version 2, and not named
  EXPECT_EQ(Of("5:devices:/job\n4:blkio,memory:/job\n1:cpu:/\n"), 3'000'000'000u);
}

TEST_F(MemoryLimitTest, WithoutALimitItIsTheMachines) {
  Write("/job/memory.max", "max");
  Write("/memory/job/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_EQ(Of("4:memory:/job\n0::/job\n"), kMachine);
  for (const char* groups : {"", "\n", "4:memory", "nonsense", "0::"})
    EXPECT_EQ(Of(groups), kMachine) << groups;
}

}  // namespace
}  // namespace stray::analyzer
