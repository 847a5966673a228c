// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/events_that_fit.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

#include "analyzer/load/event_maker.h"

namespace stray::analyzer {
namespace {

// What the engines need for an event (docs/TRACE.md), with some dozens of tasks.
constexpr uint64_t kBytesOfEvent = 96;

// What a file of a control group says; `otherwise` if there is none, or no limit in it.
uint64_t LimitIn(const char* path, uint64_t otherwise) {
  std::ifstream file(path);
  uint64_t limit = 0;
  return file >> limit ? limit : otherwise;
}

}  // namespace

EventIndex EventsThatFit() {
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  uint64_t bytes = uint64_t{8} << 30;  // where nobody knows
  if (pages > 0 && page_bytes > 0) bytes = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes);
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    bytes = std::min(bytes, LimitIn(path, bytes));
  return static_cast<EventIndex>(std::min<uint64_t>(bytes / 2 / kBytesOfEvent, kMostEvents));
}

}  // namespace stray::analyzer
