// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/witness.h"

#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

// In the order of the trace that is a run of the program: see sync_closure.h.
Witness WitnessFor(const TraceIndex& index, std::vector<EventIndex> next) {
  SyncClosure closure(index);
  for (const EventIndex event : next) closure.IncludeBefore(event);
  closure.Close();
  return {.events = closure.Events(), .next = std::move(next)};
}

}  // namespace

Witness WitnessOf(const TraceIndex& index, const AccessPair& race) {
  return WitnessFor(index, {race.first, race.second});
}

Witness WitnessOf(const TraceIndex& index, const LockCircle& circle) { return WitnessFor(index, circle); }

}  // namespace stray::analyzer
