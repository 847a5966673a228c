// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/analyzer/report/report_fixture.h"

namespace stray::analyzer {
namespace {

TEST(ShortPathTest, PathsNearTheDirectoryAreRelativeToIt) {
  EXPECT_EQ(ShortPath("/home/dev/shop/src/cart.cc", "/home/dev/shop"), "src/cart.cc");
  EXPECT_EQ(ShortPath("/home/dev/shop/src/cart.cc", "/home/dev/shop/build/release/"), "../../src/cart.cc");
  EXPECT_EQ(ShortPath("/home/dev/shop/cart.cc", "/home/dev/shop/cart.cc"), "../cart.cc");
  EXPECT_EQ(ShortPath("./src/cart.cc", "/home"), "src/cart.cc");
  EXPECT_EQ(ShortPath("src/cart.cc", ""), "src/cart.cc");
}

TEST(ShortPathTest, PathsFarAwayKeepTheirEnd) {
  EXPECT_EQ(ShortPath("/usr/include/c++/12/bits/std_mutex.h", "/home/dev/shop"), ".../bits/std_mutex.h");
  EXPECT_EQ(ShortPath("/home/dev/shop/src/cart.cc", "/home/a/b/c/d/e"), ".../src/cart.cc");
  EXPECT_EQ(ShortPath("/usr/cart.cc", ""), "/usr/cart.cc");
  EXPECT_EQ(ShortPath("/cart.cc", "/"), "/cart.cc");
  EXPECT_EQ(ShortPath("/", "/"), "/");
}

TEST(ObjectNamesTest, UnnamedObjectsAreTheirKindAndId) {
  const Model model = ShopModel();
  ObjectNames names(*model.processes.front());
  EXPECT_EQ(names.Short(1), "g_cart");
  EXPECT_EQ(names.Short(2), "M2");
  EXPECT_EQ(names.WithKind(3), "condition C3");
  EXPECT_EQ(names.WithKind(99), "an object that was not recorded");
  EXPECT_THAT(names.mentioned(), testing::ElementsAre(1, 2, 3));
}

TEST(ObjectNamesTest, NameThatSeveralBearTellsNothing) {
  const Model model = ShopModel("object { id: 7 kind: \"mutex\" name: \"g_cart\" }");
  ObjectNames names(*model.processes.front());
  EXPECT_EQ(names.Short(1), "M1");
  EXPECT_EQ(names.Short(7), "M7");
}

TEST(PlaceOfTest, WithoutLinesItIsModuleAndOffset) {
  const Model model = ShopModel();
  const ProcessModel& process = *model.processes.front();
  EXPECT_EQ(PlaceOf(process, ExpandFrames(process, {0x401100}).front()), "src/cart.cc:81");
  EXPECT_EQ(PlaceOf(process, ExpandFrames(process, {0x7f0000001100}).front()), "libc.so.6+0x1100");
  EXPECT_EQ(PlaceOf(process, ExpandFrames(process, {0x99}).front()), "");
}

}  // namespace
}  // namespace stray::analyzer
