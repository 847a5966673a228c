// SPDX-License-Identifier: Apache-2.0
// Snapshots of a black box: the one that was taken, and the one made of what a dead process left.
#include "analyzer/load/box_snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "analyzer/load/load.h"
#include "tests/support/black_box_builder.h"

namespace stray::analyzer {
namespace {

using test::BlackBoxBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::unique_ptr<ProcessModel> Read(const BlackBoxBuilder& builder, bool alive,
                                   std::vector<std::string>* told = nullptr) {
  std::vector<std::string> damage;
  auto model = ReadBlackBox(builder.Build(), "app.box", alive, damage);
  EXPECT_TRUE(model.ok()) << model.status();
  if (told != nullptr) {
    *told = damage;
  } else {
    EXPECT_THAT(damage, IsEmpty());
  }
  return model.ok() ? *std::move(model) : nullptr;
}

// A program in which "worker" is blocked on the mutex that main holds.
class BoxSnapshotTest : public ::testing::Test {
 protected:
  BoxSnapshotTest() {
    mutex = box.AddObject(box::ObjectKind::kMutex, 0x7000);
    stack = box.AddStack({0x401010, 0x401020});
    main = &box.AddTask("main");
    worker = &box.AddTask("worker");
    BlackBoxBuilder::Hold(*main, mutex, 0x401000);
    BlackBoxBuilder::Block(*worker, box::WaitReason::kMutexLock, mutex, 5'000);
    worker->wait_address = 0x7000;
    worker->wait_site = 0x401010;
    worker->snapshot_stack = stack;
    box.header().state = static_cast<uint32_t>(box::ProcessState::kRunning);
  }

  BlackBoxBuilder box;
  uint32_t mutex, stack;
  box::TaskRecord* main;
  box::TaskRecord* worker;
};

TEST_F(BoxSnapshotTest, BlockedTasksSayWhyOnWhatWhereAndHowLong) {
  box.TakeSnapshot(box::SnapshotReason::kHang, 9'000);
  box.header().snapshot.stall_ns = 7;
  box.header().snapshot.taken_by = 1;
  box.header().snapshot.unknown_tids = 2;
  const auto model = Read(box, /*alive=*/true);
  ASSERT_THAT(model->snapshots, SizeIs(1));
  const SnapshotModel& snapshot = model->snapshots[0];
  EXPECT_EQ(snapshot.info.reason(), "hang");
  EXPECT_EQ(snapshot.info.time_ns(), 9'000u);
  EXPECT_EQ(snapshot.info.stall_ns(), 7u);
  EXPECT_EQ(snapshot.info.taken_by(), 1u);
  EXPECT_EQ(snapshot.info.unknown_threads(), 2u);
  EXPECT_FALSE(snapshot.info.stacks_missing());
  const wire::TaskState& state = *snapshot.Find(2);
  EXPECT_EQ(state.state(), "blocked");
  EXPECT_EQ(state.wait_reason(), "pthread_mutex_lock");
  EXPECT_EQ(state.object(), mutex);
  EXPECT_EQ(state.address(), 0x7000u);
  EXPECT_EQ(state.since_ns(), 5'000u);
  EXPECT_EQ(state.wait_ns(), 4'000u);
  EXPECT_EQ(state.stack(), stack);
  EXPECT_EQ(state.site().address(), 0x401010u);
}

TEST_F(BoxSnapshotTest, HeldLocksAreListed) {
  main->held[0].flags = box::kHeldRead | box::kHeldTry;
  main->held[0].count = 3;
  box.TakeSnapshot(box::SnapshotReason::kHang, 9'000);
  const auto model = Read(box, /*alive=*/true);
  const wire::TaskState& state = *model->snapshots[0].Find(1);
  ASSERT_EQ(state.held_size(), 1);
  EXPECT_EQ(state.held(0).object(), mutex);
  EXPECT_TRUE(state.held(0).read());
  EXPECT_TRUE(state.held(0).tried());
  EXPECT_EQ(state.held(0).count(), 3u);
  EXPECT_EQ(state.held(0).site().address(), 0x401000u);
}

TEST_F(BoxSnapshotTest, MoreHeldLocksThanFitInlineAreInThePool) {
  std::vector<box::HeldLock> held(40);
  for (box::HeldLock& lock : held) lock = {mutex, 0, 1, 0x401000, 0};
  main->held_more = box.AddPool(held);
  main->held_capacity = 64;
  for (const uint32_t count : {40u, 5u}) {  // once in the pool, they stay there
    main->held_count = count;
    box.TakeSnapshot(box::SnapshotReason::kHang, 9'000);
    EXPECT_EQ(Read(box, /*alive=*/true)->snapshots[0].Find(1)->held_size(), static_cast<int>(count));
  }
}

TEST_F(BoxSnapshotTest, HolesAmongHeldLocksAreNoLocks) {
  BlackBoxBuilder::Hold(*main, 0, 0x401000);
  box.TakeSnapshot(box::SnapshotReason::kHang, 9'000);
  EXPECT_EQ(Read(box, /*alive=*/true)->snapshots[0].Find(1)->held_size(), 1);
}

TEST_F(BoxSnapshotTest, AConditionWaitNamesTheMutexItGaveUp) {
  const uint32_t condition = box.AddObject(box::ObjectKind::kCondition, 0x7100);
  BlackBoxBuilder::Block(*worker, box::WaitReason::kCondWait, condition, 5'000);
  worker->wait_extra = mutex;
  worker->wait_flags = box::kWaitTimed;
  box.TakeSnapshot(box::SnapshotReason::kHang, 9'000);
  const auto model = Read(box, /*alive=*/true);
  const wire::TaskState& state = *model->snapshots[0].Find(2);
  EXPECT_EQ(state.wait_reason(), "pthread_cond_wait");
  EXPECT_EQ(state.mutex(), mutex);
  EXPECT_TRUE(state.timed());
}

TEST_F(BoxSnapshotTest, AFutexWaitKeepsItsExpectedValueToItself) {
  BlackBoxBuilder::Block(*worker, box::WaitReason::kFutex, 0, 5'000);
  worker->wait_extra = 0x80000002;
  box.TakeSnapshot(box::SnapshotReason::kHang, 9'000);
  EXPECT_EQ(Read(box, /*alive=*/true)->snapshots[0].Find(2)->mutex(), 0u);
}

TEST_F(BoxSnapshotTest, FactsOfTheKernelAreKept) {
  worker->cpu_state = 'S';
  worker->kernel_call = 203;
  worker->flags |= box::kTaskInExit | box::kTaskSignalBlocked;
  box.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  const auto model = Read(box, /*alive=*/true);
  const wire::TaskState& state = *model->snapshots[0].Find(2);
  EXPECT_EQ(state.kernel_state(), "S");
  EXPECT_EQ(state.system_call(), 202);
  EXPECT_TRUE(state.in_exit());
  EXPECT_TRUE(state.signal_blocked());
  EXPECT_EQ(model->snapshots[0].Find(1)->kernel_state(), "");
  EXPECT_EQ(model->snapshots[0].Find(1)->system_call(), -1);
}

TEST_F(BoxSnapshotTest, EndedTasksAreTasksButNotInTheSnapshot) {
  box.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  BlackBoxBuilder::Finish(box.AddTask("gone"), 3'000);
  const auto model = Read(box, /*alive=*/true);
  EXPECT_THAT(model->tasks, SizeIs(3));
  EXPECT_THAT(model->snapshots[0].tasks, SizeIs(2));
}

TEST_F(BoxSnapshotTest, ATaskWhoseSlotWasGivenAwayIsKnownFromTheSnapshot) {
  box.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  worker->serial = 17;
  const auto model = Read(box, /*alive=*/true);
  ASSERT_NE(model->FindTask(2), nullptr);
  EXPECT_EQ(model->FindTask(2)->name(), "worker");
  EXPECT_NE(model->FindTask(17), nullptr);
}

TEST_F(BoxSnapshotTest, ALivingProcessWithoutSnapshotHasNone) {
  EXPECT_THAT(Read(box, /*alive=*/true)->snapshots, IsEmpty());
}

TEST_F(BoxSnapshotTest, ADeadProcessWithoutSnapshotGetsAPostMortemOne) {
  BlackBoxBuilder::Finish(box.AddTask("gone"), 8'000);
  const auto model = Read(box, /*alive=*/false);
  ASSERT_THAT(model->snapshots, SizeIs(1));
  const SnapshotModel& snapshot = model->snapshots[0];
  EXPECT_EQ(snapshot.info.reason(), "post_mortem");
  EXPECT_TRUE(snapshot.info.stacks_missing());
  EXPECT_EQ(snapshot.info.time_ns(), 8'000u) << "the last sign of life";
  ASSERT_THAT(snapshot.tasks, SizeIs(2));
  const wire::TaskState& state = *snapshot.Find(2);
  EXPECT_EQ(state.wait_reason(), "pthread_mutex_lock");
  EXPECT_EQ(state.object(), mutex);
  EXPECT_EQ(state.wait_ns(), 3'000u);
  EXPECT_EQ(state.stack(), 0u);
  EXPECT_EQ(state.site().address(), 0x401010u);
  EXPECT_EQ(snapshot.Find(1)->held_size(), 1);
}

TEST_F(BoxSnapshotTest, ASnapshotThatShowsTheEndIsTheOnlyOne) {
  for (const auto reason : {box::SnapshotReason::kHang, box::SnapshotReason::kRequest,
                            box::SnapshotReason::kTimeout, box::SnapshotReason::kCrash}) {
    box.TakeSnapshot(reason, 9'000);
    EXPECT_THAT(Read(box, /*alive=*/false)->snapshots, SizeIs(1));
  }
}

TEST_F(BoxSnapshotTest, AProcessThatWentOnAfterARequestAndDiedGetsAPostMortemOneAsWell) {
  box.TakeSnapshot(box::SnapshotReason::kRequest, 9'000);
  BlackBoxBuilder::Block(*main, box::WaitReason::kCondWait, 0, 12'000);
  for (const auto state : {box::ProcessState::kRunning, box::ProcessState::kCrashed}) {
    box.header().state = static_cast<uint32_t>(state);
    const auto model = Read(box, /*alive=*/false);
    ASSERT_THAT(model->snapshots, SizeIs(2));
    EXPECT_EQ(model->snapshots[0].info.reason(), "request");
    EXPECT_EQ(model->snapshots[1].info.reason(), "post_mortem");
    EXPECT_EQ(model->snapshots[1].info.id(), 2u);
    EXPECT_EQ(model->snapshots[1].Find(1)->wait_reason(), "pthread_cond_wait");
    EXPECT_EQ(model->snapshots[1].Find(2)->stack(), stack)
        << "worker has not moved since: its stack still holds";
  }
}

TEST_F(BoxSnapshotTest, AProcessThatWentOnAndExitedIsNoPostMortem) {
  box.TakeSnapshot(box::SnapshotReason::kRequest, 9'000);
  BlackBoxBuilder::Wake(*worker);
  box.header().state = static_cast<uint32_t>(box::ProcessState::kExited);
  EXPECT_THAT(Read(box, /*alive=*/false)->snapshots, SizeIs(1));
}

TEST_F(BoxSnapshotTest, AnUnfinishedSnapshotIsNotUsed) {
  box.TakeSnapshot(box::SnapshotReason::kCrash, 9'000);
  ++box.header().snapshot.begin_seq;
  std::vector<std::string> damage;
  const auto model = Read(box, /*alive=*/false, &damage);
  ASSERT_THAT(model->snapshots, SizeIs(1));
  EXPECT_EQ(model->snapshots[0].info.reason(), "post_mortem");
  EXPECT_THAT(damage, ElementsAre(HasSubstr("died while a snapshot was being taken")));
}

TEST_F(BoxSnapshotTest, ASnapshotThatClaimsMoreTasksThanThereAreIsDamage) {
  box.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  box.header().snapshot.task_count = 5;
  std::vector<std::string> damage;
  EXPECT_THAT(Read(box, /*alive=*/false, &damage)->snapshots[0].tasks, SizeIs(2));
  EXPECT_THAT(damage, ElementsAre("app.box: the snapshot has 2 of 5 tasks"));
}

}  // namespace
}  // namespace stray::analyzer
