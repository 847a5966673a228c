// SPDX-License-Identifier: Apache-2.0
// pages.h: which pages of memory have ever been touched: the others need not be read, and some must not be.
#ifndef STRAY_AGENT_RECORDER_REACH_PAGES_H_
#define STRAY_AGENT_RECORDER_REACH_PAGES_H_

#include <cstdint>

namespace stray::agent {

inline constexpr uint64_t kDirectBytes = 64 * 1024;  // so much is read without asking

// Fills `present` with a byte for each of the `count` pages from `start` on, which is a multiple of their size:
// whether it has memory. `is_shared`: the mapping is. At most kPagesAtOnce.
inline constexpr uint64_t kPagesAtOnce = 512;
void FindPresentPages(uint64_t start, uint64_t count, bool is_shared, uint8_t* present);

// Calls `visit(start, end)` for the parts of [start, end) that have memory.
template <typename Visit>
void ForEachPresent(uint64_t start, uint64_t end, bool is_shared, Visit visit) {
  constexpr uint64_t kPageBytes = 4096;
  uint8_t present[kPagesAtOnce];
  while (start < end) {
    const uint64_t first = start & ~(kPageBytes - 1);
    uint64_t count = (end - first + kPageBytes - 1) / kPageBytes;
    if (count > kPagesAtOnce) count = kPagesAtOnce;
    FindPresentPages(first, count, is_shared, present);
    for (uint64_t i = 0; i < count; ++i) {
      if (present[i] == 0) continue;
      uint64_t beyond = i + 1;
      while (beyond < count && present[beyond] != 0) ++beyond;
      const uint64_t low = first + i * kPageBytes, high = first + beyond * kPageBytes;
      visit(low < start ? start : low, high > end ? end : high);
      i = beyond;
    }
    start = first + count * kPageBytes;
  }
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_PAGES_H_
