// SPDX-License-Identifier: Apache-2.0
// wait_totals.h: the records of region kWaitTotals: waits that are over, counted by where they were.
#ifndef STRAY_AGENT_WIRE_WAIT_TOTALS_H_
#define STRAY_AGENT_WIRE_WAIT_TOTALS_H_

#include <cstdint>

namespace stray::box {

enum class WaitTotalKind : uint8_t {
  kNone,
  kBlock,  // where tasks waited
  kMutex,  // where locks had been taken that they waited for
};

// Waits that are over, of one kind and reason, at one place.
struct WaitTotal {
  uint32_t stack;  // kStacks, 0: not known
  uint16_t wait_reason;
  WaitTotalKind kind;  // published last
  uint8_t reserved;
  uint64_t count_256ths;  // how many there were, as far as those that were counted tell
  uint64_t delay_ns;      // likewise, in sum
};
static_assert(sizeof(WaitTotal) == 24);

}  // namespace stray::box

#endif  // STRAY_AGENT_WIRE_WAIT_TOTALS_H_
