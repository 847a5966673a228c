// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/process_info.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace stray::analyzer {
namespace {

TEST(ProcessInfoTest, NameWithParenthesesAndSpacesDoesNotShiftTheFields) {
  const auto stat = ParseProcessStat(
      "4711 (a) b (c)) S 12 1 1 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 7 0 123456 1000 200 18446744073709551615 "
      "1\n");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 12);
  EXPECT_EQ(stat->cpu_ticks, 42u);
  EXPECT_EQ(stat->threads, 7u);
  EXPECT_EQ(stat->start_time, 123456u);
}

TEST(ProcessInfoTest, CutTextIsNoProcess) {
  EXPECT_FALSE(ParseProcessStat("").has_value());
  EXPECT_FALSE(ParseProcessStat("1 (a").has_value());
  EXPECT_FALSE(ParseProcessStat("1 (a) S 1 2 3").has_value());
}

TEST(ProcessInfoTest, ProcessIsKnownByItsStartTime) {
  const auto self = ReadProcessStat(getpid());
  ASSERT_TRUE(self.has_value());
  EXPECT_EQ(self->parent, getppid());
  EXPECT_TRUE(IsAlive(getpid(), self->start_time));
  EXPECT_FALSE(IsAlive(getpid(), self->start_time + 1));
}

TEST(ProcessInfoTest, ZombieIsNotAlive) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  const auto stat = ReadProcessStat(child);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->state, 'Z');
  EXPECT_FALSE(IsAlive(child, stat->start_time));
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(ReadProcessStat(child).has_value());
}

TEST(ProcessInfoTest, RunningThreadIsAwake) {
  const auto threads = ReadThreadActivity(getpid());
  ASSERT_TRUE(threads.has_value());
  const auto self =
      std::find_if(threads->begin(), threads->end(), [](const auto& t) { return t.tid == gettid(); });
  ASSERT_NE(self, threads->end());
  EXPECT_TRUE(self->awake);
}

TEST(ProcessInfoTest, ThreadThatBlocksAllSignalsIsKnown) {
  sigset_t all, old;
  EXPECT_FALSE(BlocksAllSignals(getpid(), gettid()));
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &old);
  EXPECT_TRUE(BlocksAllSignals(getpid(), gettid()));
  sigdelset(&all, SIGTERM);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  EXPECT_FALSE(BlocksAllSignals(getpid(), gettid()));
  sigprocmask(SIG_SETMASK, &old, nullptr);
}

}  // namespace
}  // namespace stray::analyzer
