// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/duration.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using std::chrono::nanoseconds;

constexpr double kLargestSeconds = 366.0 * 24 * 3600;

struct Unit {
  absl::string_view word;
  double seconds;
};
constexpr Unit kUnits[] = {{"", 1},     {"ms", 1e-3}, {"s", 1},     {"m", 60},
                           {"min", 60}, {"h", 3600},  {"us", 1e-6}, {"ns", 1e-9}};

absl::Status NoDuration(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is not a duration: write a number and ms, s, m or h, for example 400ms, 2s or 1m"));
}

}  // namespace

absl::StatusOr<nanoseconds> ParseDuration(absl::string_view text) {
  const size_t digits = text.find_first_not_of("0123456789.");
  const absl::string_view number = text.substr(0, digits);
  const absl::string_view word = digits == absl::string_view::npos ? "" : text.substr(digits);
  double value = 0;
  if (number.empty() || !absl::SimpleAtod(number, &value)) return NoDuration(text);
  for (const Unit& unit : kUnits) {
    if (unit.word != word) continue;
    const double seconds = value * unit.seconds;
    if (seconds > kLargestSeconds) {
      return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is longer than a year"));
    }
    return nanoseconds(static_cast<int64_t>(std::llround(seconds * 1e9)));
  }
  return NoDuration(text);
}

}  // namespace stray::analyzer
