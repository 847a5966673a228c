// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/harvest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/support/black_box_builder.h"

namespace stray::analyzer {
namespace {

class HarvestTest : public testing::Test {
 protected:
  HarvestTest() {
    char name[] = "/tmp/stray_harvest_XXXXXX";
    folder_ = mkdtemp(name);
    box_.AddTask("main");
    box_.AddObject(box::ObjectKind::kMutex, 0x7000);
    box_.AddModule("/bin/app", 0x400000, 0x500000);
  }
  ~HarvestTest() override { std::filesystem::remove_all(folder_); }

  // Leaves the box in a file and harvests it.
  std::unique_ptr<ProcessModel> Take(Harvest& harvest) {
    path_ = folder_ + "/4711.0.box";
    std::ofstream(path_, std::ios::binary) << box_.Build();
    harvest.Take(path_);
    Model model;
    harvest.MoveTo(model);
    return model.processes.empty() ? nullptr : std::move(model.processes[0]);
  }

  std::string folder_;
  std::string path_;
  test::BlackBoxBuilder box_;
};

TEST_F(HarvestTest, OfAnUneventfulProcessOnlyTheCountsStay) {
  box_.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  Harvest harvest(/*keep_all=*/false);
  const auto process = Take(harvest);
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->process.pid(), 4711);
  EXPECT_EQ(process->tasks.size(), 1u);
  EXPECT_EQ(process->snapshots.size(), 1u);
  EXPECT_TRUE(process->objects.empty());
  EXPECT_TRUE(process->modules.empty());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(HarvestTest, EverythingStaysIfDumpsAreWanted) {
  box_.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  Harvest harvest(/*keep_all=*/true);
  const auto process = Take(harvest);
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->objects.size(), 1u);
}

TEST_F(HarvestTest, EverythingStaysIfThereIsAFinding) {
  box::TaskRecord& leaked = box_.AddTask("leaked");
  test::BlackBoxBuilder::Block(leaked, box::WaitReason::kMutexLock, 1, 5'000);
  box_.TakeSnapshot(box::SnapshotReason::kExit, 9'000);
  Harvest harvest(/*keep_all=*/false);
  const auto process = Take(harvest);
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->objects.size(), 1u);
}

TEST_F(HarvestTest, EverythingStaysOfAProcessThatWasKilled) {
  box_.header().state = static_cast<uint32_t>(box::ProcessState::kRunning);
  Harvest harvest(/*keep_all=*/false);
  const auto process = Take(harvest);
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->objects.size(), 1u);
}

TEST_F(HarvestTest, WhatIsNoBoxIsLeftWhereItIs) {
  path_ = folder_ + "/1.0.box";
  std::ofstream(path_) << "hello";
  Harvest harvest(/*keep_all=*/false);
  harvest.Take(path_);
  EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace stray::analyzer
