// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/debug_files.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DebugFilesTest, BuildIdNamesAFileInEachDirectory) {
  EXPECT_THAT(DebugFilesByBuildId("abcdef", {"/usr/lib/debug", "/opt/debug"}),
              ElementsAre("/usr/lib/debug/.build-id/ab/cdef.debug", "/opt/debug/.build-id/ab/cdef.debug"));
}

TEST(DebugFilesTest, WhatIsNoBuildIdNamesNothing) {
  EXPECT_THAT(DebugFilesByBuildId("", {"/usr/lib/debug"}), IsEmpty());
  EXPECT_THAT(DebugFilesByBuildId("ab", {"/usr/lib/debug"}), IsEmpty());
  EXPECT_THAT(DebugFilesByBuildId("../../etc", {"/usr/lib/debug"}), IsEmpty());
}

TEST(DebugFilesTest, LinksAreLookedForWhereGdbLooks) {
  EXPECT_THAT(
      DebugFilesByLink("/opt/app/cart", "cart.debug", {"/usr/lib/debug"}),
      ElementsAre("/opt/app/cart.debug", "/opt/app/.debug/cart.debug", "/usr/lib/debug/opt/app/cart.debug"));
}

TEST(DebugFilesTest, DebugFilesOfUsrMayLieUnderItsOldName) {
  EXPECT_THAT(DebugFilesByLink("/usr/lib/libfoo.so", "libfoo.debug", {"/usr/lib/debug"}),
              ElementsAre("/usr/lib/libfoo.debug", "/usr/lib/.debug/libfoo.debug",
                          "/usr/lib/debug/usr/lib/libfoo.debug", "/usr/lib/debug/lib/libfoo.debug"));
}

TEST(DebugFilesTest, ALinkIsANameAndNeverItsOwnFile) {
  EXPECT_THAT(DebugFilesByLink("/opt/cart", "../etc/passwd", {"/usr/lib/debug"}), IsEmpty());
  EXPECT_THAT(DebugFilesByLink("/opt/cart", "", {"/usr/lib/debug"}), IsEmpty());
  EXPECT_THAT(DebugFilesByLink("cart", "cart.debug", {"/usr/lib/debug"}), IsEmpty());
  EXPECT_THAT(DebugFilesByLink("/opt/cart", "cart", {}), ElementsAre("/opt/.debug/cart"));
}

}  // namespace
}  // namespace stray::analyzer
