// SPDX-License-Identifier: Apache-2.0
// predicted_races.h: races of a trace that another order of the same events shows, one that keeps the order of
// critical sections of each lock (sync-preserving races: Mathur, Pavlogiannis and Viswanathan, POPL 2021). None
// is false, and none of this kind is missed; those by happens-before are among them.
//
// Accesses of one task to one variable, of one kind, at one place and with the same locks are looked at
// together. Two such groups are compared if a lock does not keep them apart, until one pair of them races.
#ifndef STRAY_ANALYZER_TRACE_PREDICTED_RACES_H_
#define STRAY_ANALYZER_TRACE_PREDICTED_RACES_H_

#include <vector>

#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

enum class RacesWanted {
  kOneForPlaces,  // of each two places in the program one pair
  kEverySecond,   // one pair for each access that races with an earlier one
};

// In the order of the second access.
std::vector<AccessPair> PredictRaces(const TraceIndex& index, RacesWanted wanted);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_PREDICTED_RACES_H_
