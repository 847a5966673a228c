// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace stray::analyzer {
namespace {

box::TaskRecord Running(int tid) {
  box::TaskRecord task = {};
  task.serial = static_cast<uint32_t>(tid);
  task.tid = tid;
  task.state = static_cast<uint8_t>(box::TaskState::kRunning);
  return task;
}

box::TaskRecord Blocked(int tid, box::WaitReason reason, uint16_t flags = 0) {
  box::TaskRecord task = Running(tid);
  task.state = static_cast<uint8_t>(box::TaskState::kBlocked);
  task.wait_reason = static_cast<uint16_t>(reason);
  task.wait_flags = flags;
  return task;
}

box::TaskRecord Finished(int tid) {
  box::TaskRecord task = Running(tid);
  task.state = static_cast<uint8_t>(box::TaskState::kFinished);
  return task;
}

bool Suspicious(const std::vector<box::TaskRecord>& tasks) { return IsSuspicious(tasks, 0); }

TEST(WatchTest, WaitForALockOrATaskIsSuspicious) {
  EXPECT_TRUE(Suspicious({Running(1), Blocked(2, box::WaitReason::kMutexLock)}));
  EXPECT_TRUE(Suspicious({Blocked(1, box::WaitReason::kJoin), Blocked(2, box::WaitReason::kEpollWait)}));
}

TEST(WatchTest, WaitForASignalIsSuspiciousOnlyIfNobodyIsLeftToGiveIt) {
  EXPECT_TRUE(Suspicious({Blocked(1, box::WaitReason::kCondWait), Blocked(2, box::WaitReason::kSemWait)}));
  EXPECT_FALSE(Suspicious({Blocked(1, box::WaitReason::kCondWait), Blocked(2, box::WaitReason::kRead)}));
  EXPECT_FALSE(Suspicious({Blocked(1, box::WaitReason::kCondWait), Running(2)}));
  EXPECT_TRUE(Suspicious({Blocked(1, box::WaitReason::kCondWait), Finished(2)}));
}

TEST(WatchTest, ThreadOfASanitizerIsNobodyWhoCouldGiveASignal) {
  const std::vector<box::TaskRecord> tasks = {Blocked(1, box::WaitReason::kCondWait), Running(2)};
  EXPECT_FALSE(IsSuspicious(tasks, 0));
  EXPECT_TRUE(IsSuspicious(tasks, 2));
}

TEST(WatchTest, SleepersTimedWaitsAndIoAreNot) {
  EXPECT_FALSE(Suspicious({Blocked(1, box::WaitReason::kNanosleep), Blocked(2, box::WaitReason::kAccept)}));
  EXPECT_FALSE(Suspicious({Blocked(1, box::WaitReason::kMutexLock, box::kWaitTimed)}));
  EXPECT_FALSE(Suspicious({}));
}

}  // namespace
}  // namespace stray::analyzer
