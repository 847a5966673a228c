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

Witness WitnessOf(const MixedDeadlock& deadlock) { return {.events = deadlock.events, .next = deadlock.waits}; }

// In the order of the trace up to where the counter falls below zero.
Witness WitnessOf(const TraceIndex& index, const NegativeGroup& group) {
  SyncClosure closure(index);
  for (const EventIndex done : group.dones) closure.Include(done);
  closure.Close();
  Witness witness = {.events = closure.Events(), .next = {}};
  size_t counter = 0;
  for (size_t i = 0; i < witness.events.size(); ++i) {
    const TraceEvent& event = index.event(witness.events[i]);
    if (event.operand != group.group) continue;
    if (event.op == TraceOp::kAdd) ++counter;
    if (event.op != TraceOp::kDone || counter-- != 0) continue;
    witness.next.push_back(witness.events[i]);
    witness.events.resize(i);
  }
  return witness;
}

}  // namespace stray::analyzer
