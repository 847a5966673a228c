// SPDX-License-Identifier: Apache-2.0
// duration.h: durations as users write them: 400ms, 2s, 1.5m, 1h; a plain number means seconds.
#ifndef STRAY_ANALYZER_CLI_DURATION_H_
#define STRAY_ANALYZER_CLI_DURATION_H_

#include <chrono>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

// Reads `text`; not negative, at most a year. kInvalidArgument says what was wrong and what would be right.
absl::StatusOr<std::chrono::nanoseconds> ParseDuration(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_DURATION_H_
