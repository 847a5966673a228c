// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/thread_roles.h"

#include <gtest/gtest.h>

#include <vector>

namespace stray::analyzer {
namespace {

using Threads = std::vector<ThreadActivity>;

ThreadActivity Asleep(pid_t tid, uint64_t run_ns) { return {.tid = tid, .run_ns = run_ns, .awake = false}; }
ThreadActivity Awake(pid_t tid, uint64_t run_ns) { return {.tid = tid, .run_ns = run_ns, .awake = true}; }

TEST(ThreadRolesTest, SleepingThreadsStandStill) {
  EXPECT_TRUE(StoodStill(Threads{Asleep(1, 5), Asleep(2, 7)}, Threads{Asleep(1, 5), Asleep(2, 7)}, {}));
}

TEST(ThreadRolesTest, ProcessorTimeBeingAwakeAndNewThreadsAreProgress) {
  EXPECT_FALSE(StoodStill(Threads{Asleep(1, 5)}, Threads{Asleep(1, 6)}, {}));
  EXPECT_FALSE(StoodStill(Threads{Asleep(1, 5)}, Threads{Awake(1, 5)}, {}));
  EXPECT_FALSE(StoodStill(Threads{Asleep(1, 5)}, Threads{Asleep(1, 5), Asleep(2, 0)}, {}));
  EXPECT_FALSE(StoodStill(Threads{Asleep(1, 5)}, Threads{Asleep(2, 5)}, {}));
}

TEST(ThreadRolesTest, ThreadOfASanitizerMayHaveRun) {
  const ThreadRoles roles = {.sanitizer = 2, .spinning = {}};
  EXPECT_TRUE(StoodStill(Threads{Asleep(1, 5), Asleep(2, 7)}, Threads{Asleep(1, 5), Asleep(2, 9)}, roles));
  EXPECT_FALSE(StoodStill(Threads{Asleep(1, 5), Asleep(2, 7)}, Threads{Asleep(1, 6), Asleep(2, 9)}, roles));
}

TEST(ThreadRolesTest, SpinningTaskMustHaveHadTheProcessor) {
  const ThreadRoles roles = {.sanitizer = 0, .spinning = {1}};
  EXPECT_TRUE(StoodStill(Threads{Awake(1, 5)}, Threads{Awake(1, 900)}, roles));
  EXPECT_FALSE(StoodStill(Threads{Awake(1, 5)}, Threads{Awake(1, 5)}, roles));
}

TEST(ThreadRolesTest, TasksInASpinLockAreFound) {
  std::vector<box::TaskRecord> tasks(3);
  for (int i = 0; i < 3; ++i) tasks[i].tid = 30 - i;
  for (int i = 1; i < 3; ++i) {
    tasks[i].state = static_cast<uint8_t>(box::TaskState::kBlocked);
    tasks[i].wait_reason = static_cast<uint16_t>(box::WaitReason::kSpinLock);
  }
  EXPECT_EQ(SpinningThreads(tasks), (std::vector<pid_t>{28, 29}));
}

}  // namespace
}  // namespace stray::analyzer
