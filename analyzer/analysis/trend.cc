// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/trend.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace stray::analyzer {
namespace {

using Points = absl::Span<const CountAt>;

constexpr double kMinuteNs = 60e9;

// What is cheap to see: how much it has grown, in which steps, and whether it still does.
bool MayGrow(Points points, const TrendRules& rules) {
  const uint64_t first = points.front().count;
  const uint64_t now = points.back().count;
  if (now < first + rules.least_growth) return false;
  const auto growth = static_cast<double>(now - first);
  if (growth < rules.least_share * static_cast<double>(first)) return false;
  // The last third must have its part in it.
  if (now <= points[points.size() - 1 - points.size() / 3].count) return false;
  uint64_t peak = first;
  for (size_t i = 1; i < points.size(); ++i) {
    const uint64_t before = points[i - 1].count;
    const uint64_t here = points[i].count;
    if (here > before && static_cast<double>(here - before) > rules.largest_step * growth) return false;
    const double allowed = std::max(1.0, rules.most_drop * static_cast<double>(peak));
    if (here<peak&& static_cast<double>(peak - here)> allowed) return false;
    peak = std::max(peak, here);
  }
  return true;
}

// The statistic of Mann and Kendall, in standard deviations, with its correction for equal counts.
double MannKendall(Points points) {
  double score = 0;
  std::map<uint64_t, double> equal;
  for (size_t i = 0; i < points.size(); ++i) {
    ++equal[points[i].count];
    for (size_t j = 0; j < i; ++j) {
      score += static_cast<double>(points[i].count > points[j].count) -
               static_cast<double>(points[i].count < points[j].count);
    }
  }
  const auto term = [](double n) { return n * (n - 1) * (2 * n + 5); };
  double variance = term(static_cast<double>(points.size()));
  for (const auto& [count, times] : equal) variance -= term(times);
  if (variance <= 0 || score <= 0) return 0;
  return (score - 1) / std::sqrt(variance / 18);
}

double MedianSlope(Points points) {
  std::vector<double> slopes;
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (points[i].time_ns <= points[j].time_ns) continue;
      slopes.push_back((static_cast<double>(points[i].count) - static_cast<double>(points[j].count)) /
                       static_cast<double>(points[i].time_ns - points[j].time_ns));
    }
  }
  if (slopes.empty()) return 0;
  const auto middle = slopes.begin() + static_cast<ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  return *middle;
}

}  // namespace

std::optional<Trend> FindTrend(Points points, const TrendRules& rules) {
  if (points.size() < std::max<size_t>(rules.least_points, 2) || !MayGrow(points, rules)) return std::nullopt;
  if (MannKendall(points) < rules.least_z) return std::nullopt;
  // It began where it was last as low as at first.
  const auto is_low = [&](const CountAt& point) { return point.count <= points.front().count; };
  const size_t after =
      static_cast<size_t>(points.rend() - std::find_if(points.rbegin(), points.rend(), is_low));
  const Points rise = points.subspan(after - 1);
  if (rise.size() < rules.least_points) return std::nullopt;
  Trend trend;
  trend.first = rise.front().count;
  trend.now = rise.back().count;
  trend.since_ns = rise.front().time_ns;
  trend.points = rise.size();
  trend.per_minute = MedianSlope(rise) * kMinuteNs;
  if (trend.per_minute <= 0) return std::nullopt;
  return trend;
}

}  // namespace stray::analyzer
