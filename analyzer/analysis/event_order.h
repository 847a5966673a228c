// SPDX-License-Identifier: Apache-2.0
// event_order.h: the order of the events of one object.
#ifndef STRAY_ANALYZER_ANALYSIS_EVENT_ORDER_H_
#define STRAY_ANALYZER_ANALYSIS_EVENT_ORDER_H_

#include <cstdint>

namespace stray::analyzer {

// Event.sequence counts modulo 2^24; of two events the nearer way round is the order. Rings are short, so
// two events that are remembered are never half of that apart.
inline bool IsNewer(uint32_t a, uint32_t b) {
  constexpr uint32_t kModulus = 1u << 24;
  return a != b && (a - b) % kModulus < kModulus / 2;
}

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_EVENT_ORDER_H_
