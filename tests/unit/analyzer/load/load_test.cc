// SPDX-License-Identifier: Apache-2.0
// Which of the three forms a file has, and what is said about a file that has none.
#include "analyzer/load/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/load/dump_format.h"
#include "tests/support/black_box_builder.h"

namespace stray::analyzer {
namespace {

using ::testing::HasSubstr;

// A file with this content, for the life of the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(absl::StrCat(::testing::TempDir(), "load_test.", getpid())) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

uint64_t OwnStartTime() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::vector<std::string> fields = absl::StrSplit(text.substr(text.rfind(')') + 2), ' ');
  return std::stoull(fields[19]);
}

TEST(LoadTest, FormsAreToldByTheirFirstBytes) {
  EXPECT_EQ(DetectKind(test::BlackBoxBuilder().Build()), FileKind::kBlackBox);
  EXPECT_EQ(DetectKind(std::string(kDumpMagic) + "rest"), FileKind::kDump);
  EXPECT_EQ(DetectKind("# comment\n\n  process { pid: 1 }"), FileKind::kText);
  EXPECT_EQ(DetectKind("# only a comment"), FileKind::kText);
  EXPECT_EQ(DetectKind("\x7F"
                       "ELF"),
            FileKind::kUnknown);
  EXPECT_EQ(DetectKind("goroutine 1 [running]:"), FileKind::kTaskLog);
  EXPECT_EQ(DetectKind(""), FileKind::kUnknown);
}

TEST(LoadTest, AFileThatIsNotOursIsTheUsersMistake) {
  for (const char* content : {"", "hello",
                              "\x7F"
                              "ELF"}) {
    const TemporaryFile file(content);
    const auto model = LoadFile(file.path());
    EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(model.status().message()), HasSubstr(file.path()));
  }
  EXPECT_EQ(LoadFile("/no/such/file").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadFile("/").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(LoadTest, TextIsLoadedFromAFile) {
  const TemporaryFile file("process { pid: 5 }\n");
  const auto model = LoadFile(file.path());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->processes[0]->process.pid(), 5);
}

TEST(LoadTest, TheBoxOfALivingProcessIsReadAsLiving) {
  test::BlackBoxBuilder box;
  box.header().state = static_cast<uint32_t>(box::ProcessState::kRunning);
  box.header().pid = getpid();
  box.header().process_start = OwnStartTime();
  box.AddTask("main");
  const TemporaryFile file(box.Build());
  const auto model = LoadFile(file.path());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->processes[0]->process.state(), "running");
  EXPECT_TRUE(model->processes[0]->snapshots.empty());
}

TEST(LoadTest, TheBoxOfAnEarlierProcessWithTheSamePidIsOfADeadOne) {
  test::BlackBoxBuilder box;
  box.header().state = static_cast<uint32_t>(box::ProcessState::kRunning);
  box.header().pid = getpid();
  box.header().process_start = OwnStartTime() - 1;
  box.AddTask("main");
  const TemporaryFile file(box.Build());
  const auto model = LoadFile(file.path());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->processes[0]->process.state(), "killed");
  EXPECT_EQ(model->processes[0]->LastSnapshot()->info.reason(), "post_mortem");
}

}  // namespace
}  // namespace stray::analyzer
