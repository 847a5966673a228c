// SPDX-License-Identifier: Apache-2.0
// Output files are whole or not there, private, and never written through a link.
#include "analyzer/load/output_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "analyzer/load/load.h"
#include "tests/support/random_model.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public ::testing::Test {
 protected:
  OutputFileTest() {
    std::string name = ::testing::TempDir() + "output_file_test.XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~OutputFileTest() override { fs::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  size_t FileCount() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory_), {}));
  }
  static std::string Content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  fs::path directory_;
};

// Files of this process cannot grow beyond `bytes` while this lives: what a full disk looks like.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit = {bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  sighandler_t old_handler_;
  rlimit old_limit_;
};

TEST_F(OutputFileTest, CommittedFileIsThereAndPrivate) {
  const mode_t old_mask = umask(0);
  OutputFile file(Path("out"));
  ASSERT_TRUE(file.Open().ok());
  ASSERT_TRUE(file.Append("some ").ok());
  ASSERT_TRUE(file.Append("text").ok());
  EXPECT_FALSE(fs::exists(Path("out")));
  ASSERT_TRUE(file.Commit().ok());
  umask(old_mask);
  EXPECT_EQ(Content(Path("out")), "some text");
  struct stat info;
  ASSERT_EQ(stat(Path("out").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(OutputFileTest, WithoutCommitNothingChanges) {
  std::ofstream(Path("out")) << "before";
  {
    OutputFile file(Path("out"));
    ASSERT_TRUE(file.Open().ok());
    ASSERT_TRUE(file.Append("after").ok());
  }
  EXPECT_EQ(Content(Path("out")), "before");
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(OutputFileTest, ALinkIsReplacedNotFollowed) {
  std::ofstream(Path("precious")) << "before";
  fs::create_symlink(Path("precious"), Path("out"));
  ASSERT_TRUE(WriteDump(Model(), Path("out")).ok());
  EXPECT_FALSE(fs::is_symlink(Path("out")));
  EXPECT_EQ(Content(Path("precious")), "before");
}

TEST_F(OutputFileTest, FullDiskIsAnErrorAndLeavesNothingBehind) {
  std::ofstream(Path("out")) << "before";
  {
    const FileSizeLimit limit(16);
    EXPECT_FALSE(WriteDump(test::RandomModel(1), Path("out")).ok());
  }
  EXPECT_EQ(Content(Path("out")), "before");
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(OutputFileTest, ADeviceIsWrittenDirectly) {
  EXPECT_TRUE(WriteDump(Model(), "/dev/null").ok());
  const absl::Status full = WriteDump(Model(), "/dev/full");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(OutputFileTest, AMissingDirectoryIsNamed) {
  const absl::Status status = WriteDump(Model(), Path("no/such/out"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_NE(status.message().find("no/such/out"), absl::string_view::npos);
}

}  // namespace
}  // namespace stray::analyzer
