// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/today.h"

#include <chrono>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace stray::analyzer {

Date Today() {
  using std::chrono::seconds;
  using std::chrono::system_clock;
  constexpr int64_t kLatest =
      253402300799;  // the end of 9999, behind which there is no date that could be written
  int64_t epoch_s = 0;
  const char* fixed = getenv("SOURCE_DATE_EPOCH");
  const bool is_fixed =
      fixed != nullptr && absl::SimpleAtoi(fixed, &epoch_s) && epoch_s >= 0 && epoch_s <= kLatest;
  const system_clock::time_point now =
      is_fixed ? system_clock::time_point(seconds(epoch_s)) : system_clock::now();
  return std::chrono::floor<std::chrono::days>(now);
}

}  // namespace stray::analyzer
