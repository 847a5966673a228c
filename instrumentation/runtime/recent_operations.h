// SPDX-License-Identifier: Apache-2.0
// recent_operations.h: what each task has done last that others could learn of, to explain races. Kept only
// beside an agent and under ThreadSanitizer, where an operation costs so much that this does not count.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_RECENT_OPERATIONS_H_
#define STRAY_INSTRUMENTATION_RUNTIME_RECENT_OPERATIONS_H_

#include <cstdint>

#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {

enum class Operation : uint8_t {
#define STRAY_EVENT_KIND(number, enumerator, word) enumerator = number,
#include "agent/wire/event_kinds.inc"
#undef STRAY_EVENT_KIND
};

class RecentOperations {
 public:
  // The calling task has done this with `object`. `site`: as AgentServices::site_of gives it, 0: where this is
  // called from. Called beside an agent only.
  static void Note(Operation operation, const void* object, uint64_t site = 0) {
    if (tsan::HasTsan() && tsan::HasTsanInterface()) [[unlikely]]
      NoteSlow(operation, object, site);
  }

 private:
  static void NoteSlow(Operation operation, const void* object, uint64_t site);
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_RECENT_OPERATIONS_H_
