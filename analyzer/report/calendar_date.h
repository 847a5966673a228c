// SPDX-License-Identifier: Apache-2.0
// calendar_date.h: days, as files of a project's policy name them: "2026-12-31", in UTC.
#ifndef STRAY_ANALYZER_REPORT_CALENDAR_DATE_H_
#define STRAY_ANALYZER_REPORT_CALENDAR_DATE_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

using Date = std::chrono::sys_days;

// nullopt for what is no day of the calendar, such as 2026-02-30, or not written like that.
std::optional<Date> ParseDate(absl::string_view text);

std::string DateText(Date date);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_CALENDAR_DATE_H_
