// SPDX-License-Identifier: Apache-2.0
// duration_text.h: durations as people say them: "450 ms", "1.9 s", "12 min", "3 h".
//
// Two digits that matter, never more: a report is read to learn whether something hangs for milliseconds or
// for hours.
#ifndef STRAY_ANALYZER_ANALYSIS_DURATION_TEXT_H_
#define STRAY_ANALYZER_ANALYSIS_DURATION_TEXT_H_

#include <cstdint>
#include <string>

namespace stray::analyzer {

std::string DurationText(uint64_t ns);

// "1.9 to 2.0 s", "900 ms to 1.2 s"; one duration when both read the same. `low` <= `high`.
std::string DurationRangeText(uint64_t low_ns, uint64_t high_ns);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_DURATION_TEXT_H_
