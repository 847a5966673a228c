// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/find_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace stray::analyzer {
namespace {

using testing::HasSubstr;

constexpr const char* kMaps =
    "55d0c0000000-55d0c0001000 r--p 00000000 08:01 100                        /usr/bin/app\n"
    "7f1000000000-7f1000100000 rw-s 00000000 00:1a 200                        "
    "/dev/shm/stray-0/run-1-2-3-4/77.0.box\n"
    "7f1000100000-7f1000200000 rw-s 00100000 00:1a 200                        "
    "/dev/shm/stray-0/run-1-2-3-4/77.0.box\n"
    "7f2000000000-7f2000100000 rw-s 00000000 00:1a 201                        /run/user/0/with space/9.0.box "
    "(deleted)\n"
    "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]\n";

TEST(FindBoxTest, BoxesAreFoundAmongTheMappingsOnceEach) {
  const std::vector<BoxMapping> mappings = BoxMappings(kMaps);
  ASSERT_EQ(mappings.size(), 2u);
  EXPECT_EQ(mappings[0].path, "/dev/shm/stray-0/run-1-2-3-4/77.0.box");
  EXPECT_EQ(mappings[0].range, "7f1000000000-7f1000100000");
  EXPECT_FALSE(mappings[0].deleted);
  EXPECT_EQ(mappings[1].path, "/run/user/0/with space/9.0.box");
  EXPECT_TRUE(mappings[1].deleted);
}

TEST(FindBoxTest, ProcessWithoutAgentIsTold) {
  const auto box = FindBox(getpid());
  ASSERT_FALSE(box.ok());
  EXPECT_THAT(std::string(box.status().message()), HasSubstr("does not run under stray"));
}

TEST(FindBoxTest, MissingProcessIsTold) {
  const auto box = FindBox(0x7ffffff0);
  ASSERT_FALSE(box.ok());
  EXPECT_THAT(std::string(box.status().message()), HasSubstr("there is no process 2147483632"));
}

}  // namespace
}  // namespace stray::analyzer
