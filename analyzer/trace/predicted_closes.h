// SPDX-License-Identifier: Apache-2.0
// predicted_closes.h: sends on a channel that another order of the same events shows beside its close, so that
// the close may as well come first; and a second close beside the first. Whichever of the two comes second ends
// the program. The orders are those of side_by_side.h.
//
// A send by which a select can go on, or not, is none of these: in the other order the select has other cases,
// and which of them it takes no order of the events decides.
#ifndef STRAY_ANALYZER_TRACE_PREDICTED_CLOSES_H_
#define STRAY_ANALYZER_TRACE_PREDICTED_CLOSES_H_

#include <vector>

#include "analyzer/trace/side_by_side.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

// Of two tasks that are about to do so. In the order of the second one.
std::vector<AccessPair> PredictCloses(const TraceIndex& index, PairsWanted wanted);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_PREDICTED_CLOSES_H_
