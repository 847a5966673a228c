// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pertest/test_framework.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

// A word that only the one framework's code has in it.
constexpr struct {
  TestFramework framework;
  absl::string_view word;     // of --per-test
  absl::string_view sign;     // in the program, or in a shared library of the framework
  absl::string_view library;  // begin of its name
} kFrameworks[] = {
    {TestFramework::kGoogleTest, "gtest", "gtest_list_tests", "libgtest"},
    {TestFramework::kDoctest, "doctest", "list-test-cases", "libdoctest"},
    {TestFramework::kCatch2, "catch2", "list-test-names-only", "libCatch2-v2"},
    {TestFramework::kCatch3, "catch3", "shard-index", "libCatch2"},
};

// What stands behind a name: "# GetParam() = 4".
absl::string_view WithoutComment(absl::string_view line) {
  const size_t comment = line.find("  # ");
  return comment == absl::string_view::npos ? line : line.substr(0, comment);
}

std::vector<TestCase> ParseGoogleTest(absl::string_view output) {
  std::vector<TestCase> tests;
  std::string suite;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(WithoutComment(line));
    const bool is_test = absl::ConsumePrefix(&line, "  ");
    if (is_test && !suite.empty() && !line.empty() && !absl::StrContains(line, " ")) {
      tests.push_back({suite, std::string(line)});
    } else if (!is_test) {
      const bool is_suite = absl::ConsumeSuffix(&line, ".") && !line.empty() && !absl::StrContains(line, " ");
      suite = is_suite ? std::string(line) : "";
    }
  }
  return tests;
}

// Names, one a line.
std::vector<TestCase> ParseLines(absl::string_view output) {
  std::vector<TestCase> tests;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::StartsWith(line, "\"#") && absl::EndsWith(line, "\"")) line = line.substr(1, line.size() - 2);
    if (!line.empty()) tests.push_back({"", std::string(line)});
  }
  return tests;
}

// Those between two lines of "=", with remarks of "[doctest]" around them.
std::vector<TestCase> ParseDoctest(absl::string_view output) {
  std::vector<TestCase> tests;
  bool is_inside = false;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    if (absl::StartsWith(line, "==========")) {
      is_inside = !is_inside;
    } else if (is_inside && !line.empty()) {
      tests.push_back({"", std::string(line)});
    }
  }
  return tests;
}

}  // namespace

std::string TestCase::FullName() const { return suite.empty() ? name : absl::StrCat(suite, ".", name); }

std::optional<TestFramework> FrameworkIn(absl::string_view bytes, const std::vector<std::string>& needed) {
  for (const auto& known : kFrameworks) {
    const bool is_linked = std::any_of(needed.begin(), needed.end(), [&](const std::string& library) {
      return absl::StartsWith(library, known.library);
    });
    if (is_linked || absl::StrContains(bytes, known.sign)) return known.framework;
  }
  return std::nullopt;
}

std::optional<TestFramework> FrameworkOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The names of needed libraries stand in the file as they are.
  std::vector<std::string> needed;
  for (const auto& known : kFrameworks) {
    if (absl::StrContains(bytes, absl::StrCat(known.library, ".so"))) needed.emplace_back(known.library);
  }
  return FrameworkIn(bytes, needed);
}

std::optional<TestFramework> FrameworkOfWord(absl::string_view word) {
  for (const auto& known : kFrameworks) {
    if (known.word == word) return known.framework;
  }
  return std::nullopt;
}

std::vector<std::string> ListingArguments(TestFramework framework) {
  switch (framework) {
    case TestFramework::kGoogleTest:
      return {"--gtest_list_tests"};
    case TestFramework::kCatch2:
      return {"--list-test-names-only"};
    case TestFramework::kCatch3:
      return {"--list-tests", "--verbosity", "quiet"};
    case TestFramework::kDoctest:
      return {"--list-test-cases"};
  }
  return {};
}

std::vector<TestCase> ParseListing(TestFramework framework, absl::string_view output) {
  switch (framework) {
    case TestFramework::kGoogleTest:
      return ParseGoogleTest(output);
    case TestFramework::kCatch2:
    case TestFramework::kCatch3:
      return ParseLines(output);
    case TestFramework::kDoctest:
      return ParseDoctest(output);
  }
  return {};
}

std::vector<std::string> ArgumentsFor(TestFramework framework, const TestCase& test) {
  switch (framework) {
    case TestFramework::kGoogleTest:
      return {absl::StrCat("--gtest_filter=", test.FullName())};
    case TestFramework::kCatch2:
    case TestFramework::kCatch3:
      return {absl::StrReplaceAll(test.name,
                                  {{"\\", "\\\\"}, {",", "\\,"}, {"[", "\\["}, {"\"", "\\\""}, {"~", "\\~"}})};
    case TestFramework::kDoctest:
      return {"--case-sensitive", absl::StrCat("--test-case=", absl::StrReplaceAll(test.name, {{",", "\\,"}}))};
  }
  return {};
}

bool IsForAllTests(TestFramework framework, absl::string_view argument) {
  return framework == TestFramework::kGoogleTest && absl::StartsWith(argument, "--gtest_output");
}

}  // namespace stray::analyzer
