// SPDX-License-Identifier: Apache-2.0
// test_framework.h: how to ask a test binary for its tests, and for one of them alone.
#ifndef STRAY_ANALYZER_CLI_PERTEST_TEST_FRAMEWORK_H_
#define STRAY_ANALYZER_CLI_PERTEST_TEST_FRAMEWORK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

enum class TestFramework { kGoogleTest, kCatch2, kCatch3, kDoctest };

struct TestCase {
  std::string suite;  // "CartTest"; empty: the framework has none
  std::string name;   // "Flush/0"

  // "CartTest.Flush/0": what stands in reports.
  std::string FullName() const;
};

// What the program says about itself, by the names of its options; nullopt: nothing we know. `needed`: names of
// the shared libraries that it needs.
std::optional<TestFramework> FrameworkIn(absl::string_view bytes, const std::vector<std::string>& needed);
// Of the file at `path`.
std::optional<TestFramework> FrameworkOf(const std::string& path);

// The word that --per-test takes for it; nullopt: no such word.
std::optional<TestFramework> FrameworkOfWord(absl::string_view word);

// Arguments that make the program print its tests and end.
std::vector<std::string> ListingArguments(TestFramework framework);

// The tests in that output, in its order. Other lines in it do no harm, as far as they can be told.
std::vector<TestCase> ParseListing(TestFramework framework, absl::string_view output);

// Arguments that make it run `test` alone, behind all others.
std::vector<std::string> ArgumentsFor(TestFramework framework, const TestCase& test);

// True for an argument that would make each of the processes write the same file.
bool IsForAllTests(TestFramework framework, absl::string_view argument);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_PERTEST_TEST_FRAMEWORK_H_
