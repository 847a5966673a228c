// SPDX-License-Identifier: Apache-2.0
// side_by_side.h: pairs of events of two tasks that another order of the events of a trace shows side by side,
// each the next one of its task, if that order keeps the order of critical sections of each lock (POPL 2021:
// see predicted_races.h). None is false, and none of this kind is missed.
//
// Events of one task on one thing, of one kind, at one place and with the same locks are alike, and looked at
// together. Two such groups are compared if a lock does not keep them apart, until one pair of them is found.
#ifndef STRAY_ANALYZER_TRACE_SIDE_BY_SIDE_H_
#define STRAY_ANALYZER_TRACE_SIDE_BY_SIDE_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

enum class PairsWanted {
  kOneForPlaces,  // of each two places in the program one pair
  kEverySecond,   // one pair for each event that can stand beside an earlier one
};

// `is_meant`: events to look at, all with operands of one kind. `conflict`: two of those, on the same thing,
// are a pair if they are side by side. In the order of the second event.
std::vector<AccessPair> FindSideBySide(const TraceIndex& index,
                                       absl::FunctionRef<bool(const TraceEvent& event)> is_meant,
                                       absl::FunctionRef<bool(TraceOp a, TraceOp b)> conflict,
                                       PairsWanted wanted);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_SIDE_BY_SIDE_H_
