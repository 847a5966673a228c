// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/duration_text.h"

#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace stray::analyzer {
namespace {

struct Unit {
  const char* name;
  uint64_t ns;
  uint64_t below;  // this unit is used for durations shorter than that
};

constexpr uint64_t kMicrosecond = 1000;
constexpr uint64_t kMillisecond = 1000 * kMicrosecond;
constexpr uint64_t kSecond = 1000 * kMillisecond;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;

// A unit takes over at two of it ("90 s", then "2 min"), except where its name is a thousand of the one before.
// The bounds lie where rounding would already show the next unit.
constexpr Unit kUnits[] = {
    {"ns", 1, kMicrosecond},
    {"us", kMicrosecond, kMillisecond - kMicrosecond / 2},
    {"ms", kMillisecond, kSecond - kMillisecond / 2},
    {"s", kSecond, 2 * kMinute},
    {"min", kMinute, 2 * kHour},
    {"h", kHour, 2 * kDay},
    {"days", kDay, UINT64_MAX},
};

const Unit& UnitFor(uint64_t ns) {
  for (const Unit& unit : kUnits) {
    if (ns < unit.below) return unit;
  }
  return kUnits[std::size(kUnits) - 1];
}

// One decimal below ten from seconds up (shorter waits are timed by a clock too coarse for it): "2.0 s", "2.5
// h", but "3 h".
std::string NumberText(uint64_t ns, const Unit& unit) {
  const double value = static_cast<double>(ns) / static_cast<double>(unit.ns);
  if (unit.ns < kSecond || value >= 9.95) return absl::StrFormat("%.0f", value);
  std::string text = absl::StrFormat("%.1f", value);
  if (unit.ns > kSecond && absl::EndsWith(text, ".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace

std::string DurationText(uint64_t ns) {
  const Unit& unit = UnitFor(ns);
  return absl::StrCat(NumberText(ns, unit), " ", unit.name);
}

std::string DurationRangeText(uint64_t low_ns, uint64_t high_ns) {
  const Unit& low_unit = UnitFor(low_ns);
  const Unit& high_unit = UnitFor(high_ns);
  if (&low_unit != &high_unit) return absl::StrCat(DurationText(low_ns), " to ", DurationText(high_ns));
  const std::string low = NumberText(low_ns, low_unit);
  const std::string high = NumberText(high_ns, high_unit);
  if (low == high) return DurationText(high_ns);
  return absl::StrCat(low, " to ", high, " ", high_unit.name);
}

}  // namespace stray::analyzer
