// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/collect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "analyzer/load/load.h"
#include "tests/support/black_box_builder.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CollectTest : public testing::Test {
 protected:
  CollectTest() {
    char name[] = "/tmp/stray_collect_XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~CollectTest() override { std::filesystem::remove_all(folder_); }

  // A box of a process that has ended. Its start time is no living process's, whatever runs under the pid.
  std::string PutBox(const std::string& name, int pid, uint64_t start_ns) {
    test::BlackBoxBuilder box;
    box.header().pid = pid;
    box.header().process_start = ~uint64_t{0};
    box.header().start_ns = start_ns;
    box.header().program_path = box.AddString("/bin/app");
    box.AddTask("main");
    box.TakeSnapshot(box::SnapshotReason::kExit, start_ns + 1000);
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << box.Build();
    return path;
  }

  std::string folder_;
};

TEST_F(CollectTest, CommandComesFirstAndOthersAsTheyStarted) {
  const std::vector<std::string> paths = {PutBox("10.0.box", 10, 300), PutBox("20.0.box", 20, 200),
                                          PutBox("30.0.box", 30, 100)};
  const Model model = CollectBoxes(paths, {.first = 20});
  std::vector<int> pids;
  for (const auto& process : model.processes) pids.push_back(process->process.pid());
  EXPECT_THAT(pids, ElementsAre(20, 30, 10));
  EXPECT_THAT(model.damage, IsEmpty());
}

TEST_F(CollectTest, BoxThatCannotBeReadIsDamageAndTheOthersAreRead) {
  const std::string bad = folder_ + "/5.0.box";
  std::ofstream(bad) << "hello";
  const Model model = CollectBoxes({bad, PutBox("10.0.box", 10, 300)}, {.first = 10});
  EXPECT_EQ(model.processes.size(), 1u);
  ASSERT_EQ(model.damage.size(), 1u);
  EXPECT_THAT(model.damage[0], HasSubstr("5.0.box"));
}

TEST_F(CollectTest, DumpsAreNamedByProgramAndPidAndNeverOverwriteEachOther) {
  Model model = CollectBoxes({PutBox("10.0.box", 10, 100), PutBox("10.1.box", 10, 200)}, {.first = 10});
  const std::string folder = folder_ + "/a/b";
  const auto dumps = WriteDumps(model, folder);
  ASSERT_TRUE(dumps.ok()) << dumps.status();
  EXPECT_THAT(*dumps, ElementsAre(folder + "/app.10.stray", folder + "/app.10-2.stray"));
  EXPECT_EQ(model.processes.size(), 2u);
  const auto loaded = LoadFile(dumps->at(1));
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded->processes.size(), 1u);
  EXPECT_EQ(loaded->processes[0]->process.start_ns(), 200u);
}

TEST_F(CollectTest, FolderThatCannotBeMadeIsAnError) {
  Model model;
  std::ofstream(folder_ + "/file") << "x";
  EXPECT_FALSE(WriteDumps(model, folder_ + "/file/dumps").ok());
}

}  // namespace
}  // namespace stray::analyzer
