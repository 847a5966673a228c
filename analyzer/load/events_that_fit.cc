// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/events_that_fit.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/load/event_maker.h"

namespace stray::analyzer {
namespace {

// What the engines need for an event (docs/TRACE.md), with some dozens of tasks.
constexpr uint64_t kBytesOfEvent = 96;

// What a file of a control group says; `otherwise` if there is none, or no limit in it.
uint64_t LimitIn(const std::string& path, uint64_t otherwise) {
  std::ifstream file(path);
  uint64_t limit = 0;
  return file >> limit ? limit : otherwise;
}

}  // namespace

uint64_t MemoryLimit(absl::string_view groups, const std::string& root, uint64_t otherwise) {
  uint64_t limit = otherwise;
  for (absl::string_view line : absl::StrSplit(groups, '\n')) {
    // hierarchy:controllers:path; version 2 is "0::path".
    const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<absl::string_view> controllers = absl::StrSplit(parts[1], ',');
    const bool is_new = parts[1].empty();
    if (!is_new && std::find(controllers.begin(), controllers.end(), "memory") == controllers.end()) continue;
    const std::string folder = is_new ? root : absl::StrCat(root, "/memory");
    const absl::string_view file = is_new ? "/memory.max" : "/memory.limit_in_bytes";
    // Inside a container the path may be the host's, and the group's files stand at the root.
    for (absl::string_view path = parts[2];; path = path.substr(0, path.rfind('/'))) {
      limit = std::min(limit, LimitIn(absl::StrCat(folder, path, file), limit));
      if (path.find('/') == absl::string_view::npos) break;
    }
  }
  return limit;
}

EventIndex EventsThatFit() {
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  uint64_t bytes = uint64_t{8} << 30;  // where nobody knows
  if (pages > 0 && page_bytes > 0) bytes = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes);
  std::ifstream file("/proc/self/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(file), {}};
  bytes = MemoryLimit(groups, "/sys/fs/cgroup", bytes);
  return static_cast<EventIndex>(std::min<uint64_t>(bytes / 2 / kBytesOfEvent, kMostEvents));
}

}  // namespace stray::analyzer
