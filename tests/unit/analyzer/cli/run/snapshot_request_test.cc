// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/snapshot_request.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "analyzer/cli/run/process_info.h"
#include "tests/support/black_box_builder.h"

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

box::TaskRecord Task(int tid, box::TaskState state, box::WaitReason reason = box::WaitReason::kNone,
                     uint32_t flags = 0) {
  box::TaskRecord task = {};
  task.serial = static_cast<uint32_t>(tid);
  task.tid = tid;
  task.flags = flags;
  task.state = static_cast<uint8_t>(state);
  task.wait_reason = static_cast<uint16_t>(reason);
  return task;
}

TEST(SnapshotRequestTest, ThreadsThatASignalDisturbsLeastComeFirst) {
  const std::vector<box::TaskRecord> tasks = {
      Task(6, box::TaskState::kRunning, box::WaitReason::kNone, box::kTaskSignalBlocked),
      Task(1, box::TaskState::kBlocked, box::WaitReason::kEpollWait),
      Task(2, box::TaskState::kBlocked, box::WaitReason::kSemWait),
      Task(3, box::TaskState::kBlocked, box::WaitReason::kMutexLock),
      Task(4, box::TaskState::kRunning),
      Task(5, box::TaskState::kFinished),
      Task(0, box::TaskState::kCreated),
      Task(7, box::TaskState::kRunning, box::WaitReason::kNone, box::kTaskAgent),
  };
  EXPECT_EQ(SignalCandidates(tasks), (std::vector<pid_t>{4, 3, 2, 1, 6}));
}

// What the child's signal handler writes to; the box that both have mapped.
box::BlackBoxHeader* served = nullptr;

void Answer(int) {
  __atomic_store_n(&served->done_seq, __atomic_load_n(&served->request_seq, __ATOMIC_ACQUIRE),
                   __ATOMIC_RELEASE);
  syscall(SYS_futex, &served->done_seq, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

// A child that plays the agent's part of the protocol.
class FakeAgentTest : public testing::Test {
 protected:
  FakeAgentTest() {
    char name[] = "/tmp/stray_request_XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/1.0.box";
  }
  ~FakeAgentTest() override {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  // Starts the child, with `handler` for the snapshot signal, and writes a box that names it.
  void StartChild(void (*handler)(int)) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGRTMAX - 5);
    sigprocmask(SIG_BLOCK, &signals, &before);  // in the child: until its handler and the box are there
    child_ = fork();
    if (child_ == 0) {
      close(ready[1]);
      PlayAgent(handler, ready[0], before);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    close(ready[0]);
    test::BlackBoxBuilder box;
    box.header().pid = child_;
    box.header().process_start = ReadProcessStat(child_)->start_time;
    box.header().state = static_cast<uint32_t>(box::ProcessState::kRunning);
    box.header().snapshot_signal = static_cast<uint32_t>(SIGRTMAX - 5);
    box.AddTask("main").tid = child_;
    std::ofstream(path_, std::ios::binary) << box.Build();
    close(ready[1]);  // the child maps the box now
  }

  [[noreturn]] void PlayAgent(void (*handler)(int), int ready, const sigset_t& unblocked) {
    signal(SIGRTMAX - 5, handler);
    char byte;
    while (read(ready, &byte, 1) > 0) {
    }
    const int fd = open(path_.c_str(), O_RDWR);
    served = static_cast<box::BlackBoxHeader*>(
        mmap(nullptr, sizeof(box::BlackBoxHeader), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    sigprocmask(SIG_SETMASK, &unblocked, nullptr);
    for (;;) pause();
  }

  std::string folder_;
  std::string path_;
  pid_t child_ = -1;
};

TEST_F(FakeAgentTest, RequestReturnsWhenItIsServed) {
  StartChild(&Answer);
  const auto box = BoxView::Open(path_);
  ASSERT_TRUE(box.ok()) << box.status();
  for (uint32_t round = 1; round <= 3; ++round) {
    const absl::Status status = RequestSnapshot(*box, box::SnapshotReason::kHang);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(LoadShared(box->header().done_seq), round);
    EXPECT_EQ(LoadShared(box->header().request_reason), static_cast<uint32_t>(box::SnapshotReason::kHang));
  }
}

TEST_F(FakeAgentTest, SilenceEndsAtTheLimit) {
  StartChild(SIG_IGN);
  const auto box = BoxView::Open(path_);
  ASSERT_TRUE(box.ok());
  const absl::Status status = RequestSnapshot(*box, box::SnapshotReason::kRequest, milliseconds(30));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("did not answer"));
}

TEST_F(FakeAgentTest, ProcessThatHasEndedIsNotAsked) {
  StartChild(SIG_DFL);
  kill(child_, SIGKILL);
  siginfo_t info;
  waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOWAIT);
  const auto box = BoxView::Open(path_);
  ASSERT_TRUE(box.ok());
  EXPECT_TRUE(box->HasEnded());
  EXPECT_EQ(RequestSnapshot(*box, box::SnapshotReason::kRequest).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(box->header().request_seq, 0u);
}

TEST_F(FakeAgentTest, OtherProcessUnderTheSamePidIsNotSignalled) {
  StartChild(SIG_DFL);  // a signal would kill it
  const uint64_t another_start = ReadProcessStat(child_)->start_time + 1;
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offsetof(box::BlackBoxHeader, process_start));
  file.write(reinterpret_cast<const char*>(&another_start), sizeof(another_start));
  file.close();
  const auto box = BoxView::Open(path_);
  ASSERT_TRUE(box.ok());
  EXPECT_EQ(RequestSnapshot(*box, box::SnapshotReason::kRequest).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(waitpid(child_, nullptr, WNOHANG), 0);
}

TEST_F(FakeAgentTest, BoxOfAnotherVersionIsRefused) {
  test::BlackBoxBuilder box;
  box.header().version = box::kBlackBoxVersion + 1;
  std::ofstream(path_, std::ios::binary) << box.Build();
  EXPECT_EQ(BoxView::Open(path_).status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace stray::analyzer
