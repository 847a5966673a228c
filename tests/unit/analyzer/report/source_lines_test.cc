// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/source_lines.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

namespace fs = std::filesystem;

class SourceLinesTest : public testing::Test {
 protected:
  SourceLinesTest() : directory_(fs::path(testing::TempDir()) / absl::StrCat("source_lines_", getpid())) {
    fs::create_directories(directory_);
  }
  ~SourceLinesTest() override { fs::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }

  fs::path directory_;
  SourceLines lines_;
};

TEST_F(SourceLinesTest, GivesTheLineWithoutIndentation) {
  const std::string file = Write("a.cc", "one\n\tlock_.lock();\t// x\nlast");
  EXPECT_EQ(lines_.Find(file, 2, "", 0), "lock_.lock(); // x");
  EXPECT_EQ(lines_.Find(file, 3, "", 0), "last");
}

TEST_F(SourceLinesTest, RelativePathsStartAtTheDirectory) {
  Write("a.cc", "one\n");
  EXPECT_EQ(lines_.Find("a.cc", 1, directory_.string(), 0), "one");
  EXPECT_EQ(lines_.Find("a.cc", 1, "", 0), std::nullopt);
}

TEST_F(SourceLinesTest, LinesThatAreNotThereAreNotFound) {
  const std::string file = Write("a.cc", "one\n\n");
  EXPECT_EQ(lines_.Find(file, 0, "", 0), std::nullopt);
  EXPECT_EQ(lines_.Find(file, 2, "", 0), std::nullopt) << "no text in it";
  EXPECT_EQ(lines_.Find(file, 9, "", 0), std::nullopt);
  EXPECT_EQ(lines_.Find(file + ".gone.cc", 1, "", 0), std::nullopt);
}

TEST_F(SourceLinesTest, FileChangedSinceTheStartIsNotQuoted) {
  const std::string file = Write("a.cc", "one\n");
  EXPECT_EQ(lines_.Find(file, 1, "", 1), std::nullopt);
  EXPECT_EQ(lines_.Find(file, 1, "", UINT64_MAX), "one");
}

TEST_F(SourceLinesTest, OnlySourceIsQuoted) {
  EXPECT_EQ(lines_.Find(Write("id_rsa", "secret\n"), 1, "", 0), std::nullopt);
  EXPECT_EQ(lines_.Find("/etc/passwd", 1, "", 0), std::nullopt);
}

TEST_F(SourceLinesTest, PipeDoesNotBlockTheReport) {
  const std::string pipe = directory_ / "pipe.cc";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(lines_.Find(pipe, 1, "", 0), std::nullopt);
}

}  // namespace
}  // namespace stray::analyzer
