// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/run/process_info.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    char name[] = "/tmp/stray_session_XXXXXX";
    folder_ = mkdtemp(name);
    base_ = folder_ + "/base";
  }
  ~SessionTest() override { std::filesystem::remove_all(folder_); }

  static mode_t Mode(const std::string& path) {
    struct stat info;
    return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }

  std::string folder_;
  std::string base_;
};

TEST_F(SessionTest, BothDirectoriesAreForTheUserOnly) {
  const auto session = Session::Create({base_});
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_THAT(session->path(), StartsWith(base_ + "/run-"));
  EXPECT_EQ(Mode(base_), 0700u);
  EXPECT_EQ(Mode(session->path()), 0700u);
}

TEST_F(SessionTest, OpenDirectoryOfOurOwnIsClosed) {
  mkdir(base_.c_str(), 0777);
  chmod(base_.c_str(), 0777);
  ASSERT_TRUE(Session::Create({base_}).ok());
  EXPECT_EQ(Mode(base_), 0700u);
}

TEST_F(SessionTest, EverythingIsGoneAtTheEnd) {
  std::string path;
  {
    const auto session = Session::Create({base_});
    path = session->path();
    std::ofstream(path + "/1.0.box") << "x";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SessionTest, LinkInPlaceOfTheBaseIsNotFollowed) {
  std::filesystem::create_directory(folder_ + "/elsewhere");
  std::filesystem::create_directory_symlink(folder_ + "/elsewhere", base_);
  const auto session = Session::Create({base_});
  EXPECT_FALSE(session.ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/elsewhere"));
}

TEST_F(SessionTest, NextBaseIsTakenIfOneCannotBeUsed) {
  std::ofstream(folder_ + "/file") << "x";
  const auto session = Session::Create({folder_ + "/file", folder_ + "/missing/base", base_});
  ASSERT_TRUE(session.ok());
  EXPECT_THAT(session->path(), StartsWith(base_));
}

TEST_F(SessionTest, FailureNamesEveryBase) {
  const auto session = Session::Create({folder_ + "/missing/a", folder_ + "/missing/b"});
  ASSERT_FALSE(session.ok());
  EXPECT_THAT(std::string(session.status().message()), HasSubstr("missing/a"));
  EXPECT_THAT(std::string(session.status().message()), HasSubstr("missing/b"));
}

TEST_F(SessionTest, BoxesAreListedInOrderAndNothingElse) {
  const auto session = Session::Create({base_});
  for (const char* name : {"20.0.box", "10.1.box", "10.0.box", "notes.txt", ".box"}) {
    std::ofstream(session->path() + "/" + name) << "x";
  }
  EXPECT_THAT(session->BoxPaths(), ElementsAre(session->path() + "/10.0.box", session->path() + "/10.1.box",
                                               session->path() + "/20.0.box"));
  EXPECT_THAT(session->BoxPaths(10), ElementsAre(session->path() + "/10.0.box", session->path() + "/10.1.box"));
}

TEST_F(SessionTest, SessionsOfTheDeadAreSweptAndThoseOfTheLivingStay) {
  const auto session = Session::Create({base_});
  const std::string own = std::filesystem::path(session->path()).filename().string();
  // Same name, but started at another time: that process is gone.
  const std::string pid = absl::StrCat("run-", getpid(), "-");
  ASSERT_THAT(own, StartsWith(pid));
  const std::string rest = own.substr(own.find('-', pid.size()));
  const std::string stale = absl::StrCat(base_, "/", pid, 1, rest);
  const std::string other_container = absl::StrCat(base_, "/", pid, "1-99-0");
  for (const std::string& path : {stale, other_container}) std::filesystem::create_directory(path);
  std::ofstream(stale + "/1.0.box") << "x";
  EXPECT_EQ(SweepStaleSessions(base_), 1u);
  EXPECT_FALSE(std::filesystem::exists(stale));
  EXPECT_TRUE(std::filesystem::exists(other_container));
  EXPECT_TRUE(std::filesystem::exists(session->path()));
}

TEST_F(SessionTest, ProgramsThatWereStartedAreListed) {
  absl::StatusOr<Session> session = Session::Create({base_});
  ASSERT_TRUE(session.ok());
  std::filesystem::create_symlink("123\n/bin/with\nnewline", session->path() + "/7.exec");
  std::filesystem::create_symlink("no number\n/bin/true", session->path() + "/8.exec");
  std::ofstream(session->path() + "/9.exec");
  std::ofstream(session->path() + "/10.0.box");
  const std::vector<ExecMark> marks = session->ExecMarks();
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].pid, 7);
  EXPECT_EQ(marks[0].time_ns, 123u);
  EXPECT_EQ(marks[0].path, "/bin/with\nnewline");
}

}  // namespace
}  // namespace stray::analyzer
