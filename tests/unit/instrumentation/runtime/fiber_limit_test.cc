// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/fiber_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stray::runtime {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Lt;

TEST(FiberLimitTest, AnOldThreadSanitizerDiesBeyondItsTable) {
  FiberLimit::Warning warning;
  FiberLimit::Fill(true, 65530, &warning);
  EXPECT_EQ(warning.from, 8000u);
  EXPECT_THAT(warning.text, HasSubstr("no more than 8128 threads and goroutines"));
  EXPECT_THAT(warning.text, EndsWith(".\n"));
}

TEST(FiberLimitTest, ANewOneDiesWhenTheKernelRefusesItAMapping) {
  FiberLimit::Warning warning;
  FiberLimit::Fill(false, 65530, &warning);
  EXPECT_THAT(warning.from, Lt(38'547u)) << "that many fit";
  EXPECT_THAT(warning.text, HasSubstr("the 65530 that the kernel allows"));
  EXPECT_THAT(warning.text, HasSubstr("die at some 38547"));
  FiberLimit::Fill(false, 1u << 31, &warning);
  EXPECT_THAT(warning.text, EndsWith("allows more.\n"));
}

}  // namespace
}  // namespace stray::runtime
