// SPDX-License-Identifier: Apache-2.0
// witness.h: an order of events of a trace that ends where something predicted is about to happen.
#ifndef STRAY_ANALYZER_TRACE_WITNESS_H_
#define STRAY_ANALYZER_TRACE_WITNESS_H_

#include <vector>

#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

struct Witness {
  std::vector<EventIndex> events;  // as they happen
  // What each of these tasks does next: the two accesses of a race, or acquires none of which can go on.
  std::vector<EventIndex> next;
};

// For what PredictRaces(), HappensBefore in schedulable order, or PredictDeadlocks() has found.
Witness WitnessOf(const TraceIndex& index, const AccessPair& race);
Witness WitnessOf(const TraceIndex& index, const LockCircle& circle);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_WITNESS_H_
