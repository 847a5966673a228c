// SPDX-License-Identifier: Apache-2.0
// trend.h: whether a row of counts grows, and goes on growing, told so that neither a burst nor a step counts.
#ifndef STRAY_ANALYZER_ANALYSIS_TREND_H_
#define STRAY_ANALYZER_ANALYSIS_TREND_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"

namespace stray::analyzer {

struct CountAt {
  uint64_t time_ns = 0;
  uint64_t count = 0;
};

// All must hold. docs/ANALYSIS.md says what each of them keeps out.
struct TrendRules {
  size_t least_points = 10;    // since it began to grow
  uint64_t least_growth = 10;  // from first to last
  double least_share = 0.25;   // the same, as a share of the first
  double most_drop = 0.1;      // below the highest count before, as a share of it; one is always allowed
  double largest_step = 0.5;   // of the growth, from one point to the next
  double least_z = 2.326;      // of Mann and Kendall: one row in a hundred without a trend would look like one
};

struct Trend {
  uint64_t first = 0;     // when it began to grow
  uint64_t now = 0;       // at the last point
  uint64_t since_ns = 0;  // time of `first`
  double per_minute = 0;  // median of the slopes between all pairs of points since then (Theil and Sen)
  size_t points = 0;      // since then
};

// Of points in the order of their times. nullopt: it does not grow by these rules.
std::optional<Trend> FindTrend(absl::Span<const CountAt> points, const TrendRules& rules = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_TREND_H_
