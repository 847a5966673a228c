// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/processor_quota.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace stray::runtime {
namespace {

// A tree as it is mounted at /sys/fs/cgroup.
class CgroupQuotaTest : public testing::Test {
 protected:
  CgroupQuotaTest() {
    char name[] = "/tmp/stray-cgroup-XXXXXX";
    root_ = mkdtemp(name);
  }
  ~CgroupQuotaTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << text << "\n";
  }

  std::string root_;
};

TEST_F(CgroupQuotaTest, NoFilesMeanNoQuota) {
  EXPECT_EQ(CgroupQuota("", root_), 0);
  EXPECT_EQ(CgroupQuota("0::/\n", root_), 0);
  EXPECT_EQ(CgroupQuota("no colons\nneither:here\n", root_), 0);
}

TEST_F(CgroupQuotaTest, Version2) {
  Write("app/cpu.max", "150000 100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("0::/app\n", root_), 1.5);
}

TEST_F(CgroupQuotaTest, Version2MaxIsNone) {
  Write("app/cpu.max", "max 100000");
  EXPECT_EQ(CgroupQuota("0::/app\n", root_), 0);
}

TEST_F(CgroupQuotaTest, TheSmallestQuotaOnTheWayUpCounts) {
  Write("slice/cpu.max", "100000 100000");
  Write("slice/app/cpu.max", "400000 100000");
  Write("slice/app/inner/cpu.max", "max 100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("0::/slice/app/inner\n", root_), 1);
  Write("slice/app/inner/cpu.max", "50000 100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("0::/slice/app/inner\n", root_), 0.5);
}

TEST_F(CgroupQuotaTest, InAContainerTheGroupStandsAtTheRoot) {
  Write("cpu.max", "200000 100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("0::/\n", root_), 2);
  EXPECT_DOUBLE_EQ(CgroupQuota("0::/kubepods/pod1/of-the-host\n", root_), 2);
  EXPECT_DOUBLE_EQ(CgroupQuota("0::/../outside\n", root_), 2);
}

TEST_F(CgroupQuotaTest, Version1) {
  Write("cpu,cpuacct/app/cpu.cfs_quota_us", "250000");
  Write("cpu,cpuacct/app/cpu.cfs_period_us", "100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("12:memory:/app\n4:cpu,cpuacct:/app\n", root_), 2.5);
}

TEST_F(CgroupQuotaTest, Version1UnderItsShortName) {
  Write("cpu/app/cpu.cfs_quota_us", "50000");
  Write("cpu/app/cpu.cfs_period_us", "100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("4:cpu,cpuacct:/app\n", root_), 0.5);
}

TEST_F(CgroupQuotaTest, Version1MinusOneIsNone) {
  Write("cpu/cpu.cfs_quota_us", "-1");
  Write("cpu/cpu.cfs_period_us", "100000");
  EXPECT_EQ(CgroupQuota("4:cpu:/\n", root_), 0);
  EXPECT_EQ(CgroupQuota("5:cpuset:/\n", root_), 0);
}

TEST_F(CgroupQuotaTest, OfBothVersionsTheSmallerCounts) {
  Write("cpu/app/cpu.cfs_quota_us", "300000");
  Write("cpu/app/cpu.cfs_period_us", "100000");
  Write("app/cpu.max", "200000 100000");
  EXPECT_DOUBLE_EQ(CgroupQuota("4:cpu:/app\n0::/app\n", root_), 2);
}

// DefaultMaxProcs() in a process of its own that may use `processors` processors.
int MaxProcsOfChild(const char* environment, std::optional<int> processors) {
  const pid_t child = fork();
  if (child == 0) {
    environment == nullptr ? unsetenv("STRAY_MAXPROCS") : setenv("STRAY_MAXPROCS", environment, 1);
    cpu_set_t allowed, set;
    CPU_ZERO(&set);
    if (processors.has_value() && sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
      for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&set) < *processors; ++i) {
        if (CPU_ISSET(i, &allowed)) CPU_SET(i, &set);
      }
      if (sched_setaffinity(0, sizeof(set), &set) != 0) _exit(255);
    }
    _exit(DefaultMaxProcs());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(DefaultMaxProcsTest, IsNoMoreThanTheAffinityMaskAllows) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  EXPECT_EQ(MaxProcsOfChild(nullptr, 1), 1);
  EXPECT_LE(MaxProcsOfChild(nullptr, std::nullopt), CPU_COUNT(&allowed));
  EXPECT_GE(MaxProcsOfChild(nullptr, std::nullopt), 1);
}

TEST(DefaultMaxProcsTest, EnvironmentDecides) {
  EXPECT_EQ(MaxProcsOfChild("7", 1), 7);
  EXPECT_EQ(MaxProcsOfChild("0", 1), 1);
  EXPECT_EQ(MaxProcsOfChild("-3", 1), 1);
  EXPECT_EQ(MaxProcsOfChild("many", 1), 1);
}

}  // namespace
}  // namespace stray::runtime
