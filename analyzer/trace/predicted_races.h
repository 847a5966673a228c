// SPDX-License-Identifier: Apache-2.0
// predicted_races.h: races of a trace that another order of the same events shows, one that keeps the order of
// critical sections of each lock (sync-preserving races: Mathur, Pavlogiannis and Viswanathan, POPL 2021). None
// is false, and none of this kind is missed; those by happens-before are among them.
#ifndef STRAY_ANALYZER_TRACE_PREDICTED_RACES_H_
#define STRAY_ANALYZER_TRACE_PREDICTED_RACES_H_

#include <vector>

#include "analyzer/trace/side_by_side.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

using RacesWanted = PairsWanted;

// In the order of the second access.
std::vector<AccessPair> PredictRaces(const TraceIndex& index, RacesWanted wanted);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_PREDICTED_RACES_H_
