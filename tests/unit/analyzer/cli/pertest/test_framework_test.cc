// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pertest/test_framework.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(TestFramework framework, absl::string_view output) {
  std::vector<std::string> names;
  for (const TestCase& test : ParseListing(framework, output)) names.push_back(test.FullName());
  return names;
}

TEST(TestFramework, GoogleTestsListing) {
  EXPECT_THAT(Names(TestFramework::kGoogleTest,
                    "Running main() from gtest_main.cc\n"
                    "Loading the configuration.\n"
                    "  something else\n"
                    "Cart.\n"
                    "  Adds\n"
                    "  Removes\r\n"
                    "Some/Values.\n"
                    "  AreSmall/0  # GetParam() = 4-byte object <01-00 00-00>\n"
                    "Typed/0.  # TypeParam = int\n"
                    "  Works\n"),
              ElementsAre("Cart.Adds", "Cart.Removes", "Some/Values.AreSmall/0", "Typed/0.Works"));
  EXPECT_THAT(Names(TestFramework::kGoogleTest, ""), IsEmpty());
  EXPECT_THAT(Names(TestFramework::kGoogleTest, "  Orphan\n"), IsEmpty());
}

TEST(TestFramework, Catch2sListing) {
  EXPECT_THAT(Names(TestFramework::kCatch2, "adds one\n\"#number\"\n\n"), ElementsAre("adds one", "#number"));
}

TEST(TestFramework, DoctestsListing) {
  EXPECT_THAT(Names(TestFramework::kDoctest,
                    "[doctest] listing all test case names\n"
                    "===============================================================================\n"
                    "adds one\n"
                    "  takes one\n"
                    "===============================================================================\n"
                    "[doctest] unskipped test cases passing the current filters: 2\n"),
              ElementsAre("adds one", "  takes one"));
}

TEST(TestFramework, NamesAreNoPatterns) {
  EXPECT_THAT(ArgumentsFor(TestFramework::kGoogleTest, {"Cart", "Adds"}),
              ElementsAre("--gtest_filter=Cart.Adds"));
  EXPECT_THAT(ArgumentsFor(TestFramework::kCatch2, {"", "a, [b] \\ ~\"c\""}),
              ElementsAre("a\\, \\[b] \\\\ \\~\\\"c\\\""));
  EXPECT_THAT(ArgumentsFor(TestFramework::kDoctest, {"", "a, b"}),
              ElementsAre("--case-sensitive", "--test-case=a\\, b"));
}

TEST(TestFramework, IsToldByWhatIsInTheProgram) {
  EXPECT_EQ(FrameworkIn("...gtest_list_tests...", {}), TestFramework::kGoogleTest);
  EXPECT_EQ(FrameworkIn("...list-test-cases...", {}), TestFramework::kDoctest);
  EXPECT_EQ(FrameworkIn("...list-test-names-only...", {}), TestFramework::kCatch2);
  EXPECT_EQ(FrameworkIn("...", {"libgtest_main"}), TestFramework::kGoogleTest);
  EXPECT_EQ(FrameworkIn("...", {"libc"}), std::nullopt);
}

}  // namespace
}  // namespace stray::analyzer
