// SPDX-License-Identifier: Apache-2.0
// trace_findings.h: what the engines find in a trace, as reports like those of a sanitizer.
//
// Kinds data-race, predicted-race, predicted-deadlock, likely-deadlock, and predicted- or likely-send-closed,
// -close-closed, -negative-group (report_kinds.inc). Each has a witness that was checked; what does not hold is
// not reported, and told as damage. And lock-hint, which has none.
#ifndef STRAY_ANALYZER_LOAD_TRACE_FINDINGS_H_
#define STRAY_ANALYZER_LOAD_TRACE_FINDINGS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/event.h"
#include "analyzer/trace/trace_index.h"
#include "analyzer/trace/witness.h"

namespace stray::analyzer {

// A trace, and what its parts are in the model.
struct TraceContext {
  const Trace& trace;
  const TraceIndex& index;
  bool knows_memory = true;                 // false: what tasks read is not in it
  std::string name = {};                    // in messages
  std::vector<uint32_t> task_ids = {};      // by task
  std::vector<uint32_t> lock_objects = {};  // by lock
  // Of those that were misused in the very run nothing is foreseen besides.
  absl::flat_hash_set<uint32_t> misused_channels = {};
  absl::flat_hash_set<uint32_t> misused_groups = {};
  std::function<uint32_t(EventIndex)> stack_of = {};
  // The channel or the wait group that an event is on.
  std::function<uint32_t(const TraceEvent& event)> thing_of = {};
  // Adds to a report of a race what the variable is that it is on.
  std::function<void(uint32_t variable, wire::SanitizerReport& report)> describe = {};
  // False for events that say nothing to people.
  std::function<bool(EventIndex event)> is_shown = {};
  // Adds to a step what it is done to.
  std::function<void(EventIndex event, wire::ScheduleStep& step)> name_step = {};
  // When it was recorded, in nanoseconds since the process began; 0: not known. May be empty.
  std::function<uint64_t(EventIndex event)> time_of = {};
  // Gets the whole witness of each report, in their order; may be empty.
  std::function<void(Witness witness)> keep_witness = {};
};

void AddTraceFindings(const TraceContext& context, ProcessModel& process, std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TRACE_FINDINGS_H_
