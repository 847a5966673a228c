// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/blind_spots.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <string>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;

constexpr pid_t kChild = 100;

// A file with the head of a static program of this machine.
std::string StaticProgram() {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
#if defined(__x86_64__)
  header.e_machine = EM_X86_64;
#else
  header.e_machine = EM_AARCH64;
#endif
  const std::string path = testing::TempDir() + "/static_program";
  std::ofstream(path).write(reinterpret_cast<const char*>(&header), sizeof(header));
  return path;
}

class BlindSpotsTest : public testing::Test {
 protected:
  ProcessModel& Add(pid_t pid, uint64_t start_ns, const std::string& state) {
    auto& process = *model_.processes.emplace_back(std::make_unique<ProcessModel>());
    process.process.set_pid(pid);
    process.process.set_start_ns(start_ns);
    process.process.set_state(state);
    process.process.set_program("/usr/bin/tool");
    return process;
  }

  Model model_;
  const TargetBinary target_{.path = "/bin/static-app", .obstacle = Obstacle::kStatic};
};

TEST_F(BlindSpotsTest, CommandWithoutABoxIsAddedWithTheReason) {
  Add(200, 1, "exited");
  MarkBlindSpots(model_, kChild, target_);
  ASSERT_EQ(model_.processes.size(), 2u);
  EXPECT_EQ(model_.processes[0]->process.pid(), kChild);
  ASSERT_EQ(model_.processes[0]->gaps.size(), 1u);
  EXPECT_EQ(model_.processes[0]->gaps[0].kind(), "not_entered");
  EXPECT_THAT(model_.processes[0]->gaps[0].text(), HasSubstr("/bin/static-app is statically linked"));
}

TEST_F(BlindSpotsTest, WatchedCommandHasNone) {
  Add(kChild, 1, "exited");
  MarkBlindSpots(model_, kChild, target_);
  ASSERT_EQ(model_.processes.size(), 1u);
  EXPECT_TRUE(model_.processes[0]->gaps.empty());
}

TEST_F(BlindSpotsTest, ShellThatBecameAWatchedProgramIsDropped) {
  Add(kChild, 1, "exec");
  Add(kChild, 2, "exited");
  MarkBlindSpots(model_, kChild, target_);
  ASSERT_EQ(model_.processes.size(), 1u);
  EXPECT_EQ(model_.processes[0]->process.state(), "exited");
}

TEST_F(BlindSpotsTest, ProcessWithSomethingToTellIsKeptThoughItBecameAnother) {
  Add(kChild, 1, "exec").misuses.emplace_back();
  Add(kChild, 2, "exited");
  MarkBlindSpots(model_, kChild, target_);
  EXPECT_EQ(model_.processes.size(), 2u);
}

TEST_F(BlindSpotsTest, CommandThatBecameAnUnwatchedProgramIsAGapAndAChildANote) {
  Add(kChild, 1, "exec");
  Add(200, 2, "exec");
  MarkBlindSpots(model_, kChild, target_);
  ASSERT_EQ(model_.processes.size(), 2u);
  EXPECT_EQ(model_.processes[0]->gaps.size(), 1u);
  EXPECT_TRUE(model_.processes[1]->gaps.empty());
  ASSERT_EQ(model_.processes[1]->notes.size(), 1u);
  EXPECT_FALSE(model_.processes[1]->notes[0].incomplete());
}

TEST_F(BlindSpotsTest, ProgramThatNoAgentCanEnterIsANote) {
  Add(kChild, 10, "exited");
  Add(200, 30, "exited");
  const std::string no_elf = "/dev/null";
  const std::string dynamic = "/proc/self/exe";
  const std::string other = StaticProgram();
  MarkUnwatchedPrograms(model_, kChild,
                        {{.pid = 200, .time_ns = 20, .path = other},
                         {.pid = 201, .time_ns = 20, .path = no_elf},
                         {.pid = 202, .time_ns = 20, .path = dynamic}});
  EXPECT_TRUE(model_.processes[0]->notes.empty());
  MarkUnwatchedPrograms(model_, kChild, {{.pid = 200, .time_ns = 40, .path = other}});
  ASSERT_EQ(model_.processes[0]->notes.size(), 1u);
  EXPECT_THAT(model_.processes[0]->notes[0].text(), HasSubstr("process 200 could not be watched"));
  EXPECT_THAT(model_.processes[0]->notes[0].text(), HasSubstr("statically linked"));
  EXPECT_FALSE(model_.processes[0]->notes[0].incomplete());
  MarkUnwatchedPrograms(model_, kChild,
                        {{.pid = 203, .time_ns = 1, .path = other}, {.pid = 204, .time_ns = 1, .path = other}});
  EXPECT_THAT(model_.processes[0]->notes[1].text(), HasSubstr("2 processes"));
}

}  // namespace
}  // namespace stray::analyzer
