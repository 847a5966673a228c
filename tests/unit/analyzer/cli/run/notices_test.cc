// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/notices.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace stray::analyzer {
namespace {

class NoticesTest : public testing::Test {
 protected:
  NoticesTest() {
    char name[] = "/tmp/stray_notices_XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~NoticesTest() override { std::filesystem::remove_all(folder_); }

  std::string Leave(const std::string& name, const std::string& text) {
    std::filesystem::create_symlink(text, folder_ + "/" + name);
    return folder_ + "/" + name;
  }

  std::string folder_;
  Model model_;
};

TEST_F(NoticesTest, ProcessIsNamedWithTheReason) {
  AddUnwatched({Leave("4711.0.unwatched", "55\nno descriptor\n/usr/bin/odd\nname")}, model_);
  ASSERT_EQ(model_.processes.size(), 1u);
  const ProcessModel& process = *model_.processes[0];
  EXPECT_EQ(process.process.pid(), 4711);
  EXPECT_EQ(process.process.start_ns(), 55u);
  EXPECT_EQ(process.process.program(), "/usr/bin/odd\nname");
  ASSERT_EQ(process.gaps.size(), 1u);
  EXPECT_EQ(process.gaps[0].kind(), "not_entered");
  EXPECT_EQ(process.gaps[0].text(), "no descriptor");
  EXPECT_TRUE(model_.damage.empty());
}

TEST_F(NoticesTest, WhatCannotBeReadIsDamage) {
  AddUnwatched({Leave("4711.0.unwatched", "55"), Leave("x.0.unwatched", "55\nwhy\nprogram"), folder_ + "/none"},
               model_);
  EXPECT_TRUE(model_.processes.empty());
  EXPECT_EQ(model_.damage.size(), 3u);
}

}  // namespace
}  // namespace stray::analyzer
