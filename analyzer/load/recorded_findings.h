// SPDX-License-Identifier: Apache-2.0
// recorded_findings.h: what the trace shows that a process has recorded.
#ifndef STRAY_ANALYZER_LOAD_RECORDED_FINDINGS_H_
#define STRAY_ANALYZER_LOAD_RECORDED_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "analyzer/load/events_that_fit.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/witness.h"

namespace stray::analyzer {

// Adds to `process` reports of what its trace shows, if it has one; what cannot be read of it is told in
// `damage`. Call before it is symbolized, and once. Index() is due afterwards.
//
// What is foreseen needs the whole trace in memory. Of one with more than `most_events` only the races that
// happens-before shows are reported, the same ones as otherwise, but without an order that shows them; a note
// says so.
void AddRecordedFindings(ProcessModel& process, std::vector<std::string>& damage,
                         EventIndex most_events = EventsThatFit());

// The same, and what it was found in: the trace, and the whole witness of each report that was added, in their
// order. A failing status: there is no trace, or it makes no sense.
absl::Status FindRecorded(ProcessModel& process, std::vector<std::string>& damage, RecordedTrace* recorded,
                          std::vector<Witness>* witnesses);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_RECORDED_FINDINGS_H_
