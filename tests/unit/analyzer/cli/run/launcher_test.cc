// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>

namespace stray::analyzer {
namespace {

using testing::Contains;
using testing::Each;
using testing::Not;
using testing::StartsWith;

LaunchPlan Plan(std::vector<std::string> command) {
  return {.command = std::move(command),
          .session = "/run/s",
          .agent = "/lib/agent.so",
          .heap = {},
          .agent_options = "settle=1s",
          .order = {}};
}

TEST(LauncherTest, EnvironmentGetsFourVariablesAndKeepsTheRest) {
  const auto environment = TargetEnvironment({"HOME=/root", "STRAY_OPTIONS=grace=2s", "EMPTY="}, Plan({"x"}));
  EXPECT_THAT(environment, testing::UnorderedElementsAre("HOME=/root", "EMPTY=", "LD_PRELOAD=/lib/agent.so",
                                                         "STRAY_SESSION=/run/s", "STRAY_OPTIONS=settle=1s",
                                                         "ASAN_OPTIONS=verify_asan_link_order=0"));
}

TEST(LauncherTest, OptionsOfAddressSanitizerAreKept) {
  EXPECT_THAT(TargetEnvironment({"ASAN_OPTIONS=detect_leaks=0"}, Plan({"x"})),
              Contains("ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0"));
  EXPECT_THAT(TargetEnvironment({"ASAN_OPTIONS=verify_asan_link_order=1"}, Plan({"x"})),
              Contains("ASAN_OPTIONS=verify_asan_link_order=1"));
}

TEST(LauncherTest, AgentComesBeforeOtherPreloadsAndOnlyOnce) {
  EXPECT_THAT(TargetEnvironment({"LD_PRELOAD=/a.so /b.so"}, Plan({"x"})),
              Contains("LD_PRELOAD=/lib/agent.so:/a.so:/b.so"));
  EXPECT_THAT(TargetEnvironment({"LD_PRELOAD=/a.so:/lib/agent.so"}, Plan({"x"})),
              Contains("LD_PRELOAD=/lib/agent.so:/a.so"));
}

TEST(LauncherTest, WithoutAgentNothingIsPreloaded) {
  LaunchPlan plan = Plan({"x"});
  plan.agent.clear();
  EXPECT_THAT(TargetEnvironment({"HOME=/root"}, plan), Each(Not(StartsWith("LD_PRELOAD="))));
  EXPECT_THAT(TargetEnvironment({"ASAN_OPTIONS=x"}, plan), Contains("ASAN_OPTIONS=x"));
}

TEST(LauncherTest, FailureOfExecIsTold) {
  const auto signals = Signals::Take();
  ASSERT_TRUE(signals.ok());
  LaunchPlan plan = Plan({"/no/such/program"});
  plan.agent.clear();
  const auto launched = Launch(plan, *signals);
  ASSERT_TRUE(launched.ok());
  EXPECT_EQ(launched->exec_error, ENOENT);
}

TEST(LauncherTest, TargetHasTheSignalStateThatStrayWasStartedWith) {
  signal(SIGPIPE, SIG_DFL);
  const auto signals = Signals::Take();
  ASSERT_TRUE(signals.ok());
  // Blocked (SigBlk) and ignored (SigIgn) signals of the child, as the kernel sees them.
  LaunchPlan plan = Plan({"sh", "-c",
                          "grep -qx 'SigBlk:\t0000000000000000' /proc/self/status && "
                          "! grep -q 'SigIgn:.*[1-9a-f]...$' /proc/self/status"});
  plan.agent.clear();
  const auto launched = Launch(plan, *signals);
  ASSERT_TRUE(launched.ok());
  int status = -1;
  waitpid(launched->pid, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace stray::analyzer
