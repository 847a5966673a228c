// SPDX-License-Identifier: Apache-2.0
// witness.h: an order of events of a trace that ends where something predicted is about to happen.
#ifndef STRAY_ANALYZER_TRACE_WITNESS_H_
#define STRAY_ANALYZER_TRACE_WITNESS_H_

#include <vector>

#include "analyzer/trace/mixed_deadlocks.h"
#include "analyzer/trace/negative_groups.h"
#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

struct Witness {
  std::vector<EventIndex> events;  // as they happen
  // What each of these tasks does next: the two accesses of a race, a send and a close, two closes, acquires,
  // sends and receives none of which can go on, or a done that is one too many.
  std::vector<EventIndex> next;
};

// For what PredictRaces(), HappensBefore in schedulable order, PredictCloses(), PredictDeadlocks() or
// FindNegativeGroups() has found.
Witness WitnessOf(const TraceIndex& index, const AccessPair& race);
Witness WitnessOf(const TraceIndex& index, const LockCircle& circle);
Witness WitnessOf(const TraceIndex& index, const NegativeGroup& group);
// For what PredictMixedDeadlocks() has found.
Witness WitnessOf(const MixedDeadlock& deadlock);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_WITNESS_H_
