// SPDX-License-Identifier: Apache-2.0
// events_that_fit.h: how long a trace may be that is kept in memory as a whole.
#ifndef STRAY_ANALYZER_LOAD_EVENTS_THAT_FIT_H_
#define STRAY_ANALYZER_LOAD_EVENTS_THAT_FIT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

// The smallest limit, in bytes, of the control groups in `groups`, the text of /proc/self/cgroup, and of those
// around them; versions 1 and 2. `root`: where they are mounted. `otherwise`: what it is if none has a smaller
// one.
uint64_t MemoryLimit(absl::string_view groups, const std::string& root, uint64_t otherwise);

// So many events, with what engines need of them, fit into half of the memory of the machine, or of the control
// group that the process is in.
EventIndex EventsThatFit();

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_EVENTS_THAT_FIT_H_
