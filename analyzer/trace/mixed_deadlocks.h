// SPDX-License-Identifier: Apache-2.0
// mixed_deadlocks.h: deadlocks of locks and channels together that another order of the events of a trace
// reaches, one that keeps the order of critical sections of each lock.
//
//   A                    B
//   Lock(m)              .
//   .                    Lock(m)      waits for A
//   Send(c)              .            waits for B, who alone would receive
//
// A task waits for a channel while it has a lock; others want that lock, and nobody who could be the other side
// can get there. What everybody could still do is looked at by StuckTasks. None is false, as far as tasks do
// what they did in the trace; some are missed: pairs of waits are walked as they come in the trace, and not all
// of what is thought possible is.
#ifndef STRAY_ANALYZER_TRACE_MIXED_DEADLOCKS_H_
#define STRAY_ANALYZER_TRACE_MIXED_DEADLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

struct MixedDeadlock {
  // A send or a receive first, then who wants a lock that its task has, then others; of different tasks, none
  // of which can go on.
  std::vector<EventIndex> waits;
  std::vector<EventIndex> events;  // before that, in the order of the trace
};

struct MixedOptions {
  size_t most_tasks = 4;     // without which it would be none
  uint32_t most_tries = 64;  // of each two places in the program
  // Events and acquires that are looked at, and so many more for each event of the trace: a few seconds of a
  // million.
  uint64_t most_steps = uint64_t{1} << 22;
  uint64_t most_steps_per_event = 2;
};

struct MixedDeadlocks {
  std::vector<MixedDeadlock> found;  // at most one for the places of the channel's and of the lock's wait
  bool is_complete = true;           // false: there were more than could be looked at
};

MixedDeadlocks PredictMixedDeadlocks(const TraceIndex& index, const MixedOptions& options = {});

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_MIXED_DEADLOCKS_H_
