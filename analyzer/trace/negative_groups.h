// SPDX-License-Identifier: Apache-2.0
// negative_groups.h: wait groups of a trace whose counter falls below zero in another order of the same events,
// one that keeps the order of critical sections of each lock.
//
// Each done needs an add of its own that comes before it in each such order: a matching. Dones for which there
// is none are, with those that have taken the adds they need, too many for the adds that come before them
// (Hall), and an order that does no more than those need shows it. Of such orders none is false. None is missed
// either, but where sections of one lock make some of those dones need more together than each for itself.
#ifndef STRAY_ANALYZER_TRACE_NEGATIVE_GROUPS_H_
#define STRAY_ANALYZER_TRACE_NEGATIVE_GROUPS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

struct NegativeGroup {
  uint32_t group;
  std::vector<EventIndex> dones;  // that outnumber the adds that must come before them
  EventIndex late_add;            // the first that need not
};

struct GroupOptions {
  uint64_t most_steps = uint64_t{1} << 26;  // adds and acquires that are looked at for all dones together
};

struct NegativeGroups {
  std::vector<NegativeGroup> found;  // at most one for each wait group
  bool is_complete = true;           // false: there were more dones than could be looked at
};

NegativeGroups FindNegativeGroups(const TraceIndex& index, const GroupOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_NEGATIVE_GROUPS_H_
