// SPDX-License-Identifier: Apache-2.0
// trace_learner.h: what must be known of a whole recorded trace before its events can be told one by one: a
// pass over it that keeps nothing else.
#ifndef STRAY_ANALYZER_LOAD_TRACE_LEARNER_H_
#define STRAY_ANALYZER_LOAD_TRACE_LEARNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "analyzer/load/trace_locks.h"
#include "analyzer/load/trace_memory.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// What is longer of a range that is accessed is cut: no race is missed but one at the end of such a piece.
inline constexpr uint64_t kMostRangeBytes = 1 << 20;

struct LearnedTrace {
  TraceMemory memory;                         // divided
  absl::flat_hash_set<LockKey> broken_locks;  // that are none
  bool has_accesses = false;
  uint64_t recorded_events = 0;
  uint64_t lost_events = 0;
};

// What cannot be read of the trace is told in `damage`.
LearnedTrace LearnTrace(const ProcessModel& process, std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_LEARNER_H_
