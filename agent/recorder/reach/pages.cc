// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/reach/pages.h"

#include <fcntl.h>
#include <string.h>

#include "agent/base/raw.h"

namespace stray::agent {
namespace {

int pagemap = -1;  // of this process, once it was asked for

}  // namespace

void FindPresentPages(uint64_t start, uint64_t count, bool is_shared, uint8_t* present) {
  // What processes share is in no table of the kernel's for this one; which pages there are, it tells
  // otherwise.
  if (is_shared) {
    if (RawCall(SYS_mincore, static_cast<long>(start), static_cast<long>(count * 4096),
                reinterpret_cast<long>(present)) == 0) {
      for (uint64_t i = 0; i < count; ++i) present[i] &= 1;
      return;
    }
    memset(present, 1, count);
    return;
  }
  if (pagemap < 0) pagemap = RawOpen("/proc/self/pagemap", O_RDONLY);
  uint64_t entries[kPagesAtOnce];
  const long bytes = pagemap < 0 ? -1
                                 : RawCall(SYS_pread64, pagemap, reinterpret_cast<long>(entries),
                                           static_cast<long>(count * 8), static_cast<long>(start / 4096 * 8));
  if (bytes != static_cast<long>(count * 8)) {
    memset(present, 1, count);
    return;
  }
  for (uint64_t i = 0; i < count; ++i) present[i] = (entries[i] >> 62) != 0 ? 1 : 0;  // in memory, or swapped
}

}  // namespace stray::agent
