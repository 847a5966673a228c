// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/calendar_date.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace stray::analyzer {

std::optional<Date> ParseDate(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() != 3 || parts[0].size() != 4 || parts[1].size() != 2 || parts[2].size() != 2)
    return std::nullopt;
  int year = 0;
  uint32_t month = 0, day = 0;
  const bool is_numbers = std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
    return std::all_of(part.begin(), part.end(), absl::ascii_isdigit);
  });
  if (!is_numbers || !absl::SimpleAtoi(parts[0], &year) || !absl::SimpleAtoi(parts[1], &month) ||
      !absl::SimpleAtoi(parts[2], &day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return date.ok() ? std::make_optional(Date(date)) : std::nullopt;
}

std::string DateText(Date date) {
  const std::chrono::year_month_day parts(date);
  return absl::StrFormat("%04d-%02u-%02u", static_cast<int>(parts.year()), static_cast<unsigned>(parts.month()),
                         static_cast<unsigned>(parts.day()));
}

}  // namespace stray::analyzer
