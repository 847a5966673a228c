// SPDX-License-Identifier: Apache-2.0
// predicted_deadlocks.h: deadlocks of a trace that another order of the same events reaches, one that keeps the
// order of critical sections of each lock (sync-preserving deadlocks: Tunc, Mathur, Pavlogiannis and
// Viswanathan, PLDI 2023). None is false, and none of this kind is missed up to the length that is looked for.
//
// Acquires of one task, of one lock, in one mode and with the same locks held are one abstract acquire. Circles
// of those, in which each wants what the next one holds and no two hold the same lock (a gate; both may hold it
// to read), are patterns; for each one a single walk over the trace finds out whether some of its acquires can
// be reached together.
//
// Who wants to read waits for one who writes, who wants to write for any other that has the lock. Locks that
// let a writer that waits go before new readers can hang where this says nothing. Who only tries does not wait.
#ifndef STRAY_ANALYZER_TRACE_PREDICTED_DEADLOCKS_H_
#define STRAY_ANALYZER_TRACE_PREDICTED_DEADLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

// Acquires of different tasks, none of which can go on: each wants a lock that the next one, or of the last one
// the first, has.
using LockCircle = std::vector<EventIndex>;

struct DeadlockOptions {
  size_t most_tasks = 4;  // in a circle
  // Acquires that are looked at, over all patterns, the shortest ones first: up to half a minute. There may be
  // very many patterns, and each can need a walk over the whole trace.
  uint64_t most_steps = uint64_t{1} << 30;
};

struct PredictedDeadlocks {
  std::vector<LockCircle> circles;  // at most one for each pattern
  size_t patterns = 0;              // looked at
  bool is_complete = true;          // false: that was not all
};

PredictedDeadlocks PredictDeadlocks(const TraceIndex& index, const DeadlockOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_PREDICTED_DEADLOCKS_H_
