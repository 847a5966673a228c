// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/wait_words.h"

#include <gtest/gtest.h>

#include "tests/unit/analyzer/analysis/process_builder.h"

namespace stray::analyzer {
namespace {

TEST(WaitWordsTest, SelectIsToldByItsNumberOrItsObject) {
  ProcessBuilder p;
  p.Object(1, "channel").Main(1);
  wire::TaskState state;
  state.set_wait_reason("select");
  EXPECT_EQ(WaitOf(p.Get(), state).object_kind, "fd");
  state.set_wait_number(104);
  EXPECT_EQ(WaitOf(p.Get(), state).waker, Waker::kAnyTask);
  state.set_wait_number(0);
  state.set_object(1);
  EXPECT_EQ(WaitOf(p.Get(), state).object_kind, "channel");
  EXPECT_TRUE(IsAmbiguous("select"));
  EXPECT_FALSE(IsAmbiguous("poll"));
}

}  // namespace
}  // namespace stray::analyzer
