// SPDX-License-Identifier: Apache-2.0
// race_history.h: what the agent adds to a race: where the locks were taken that were held at an access, and
// what orders the two tasks last, before the race.
//
// A detector knows both, and prints neither. The agent has kept what each task had locked and done last when
// the report was printed (wire::ReportTask); that is the moment of the later access, while the task of the
// earlier one may have gone on.
#ifndef STRAY_ANALYZER_ANALYSIS_RACE_HISTORY_H_
#define STRAY_ANALYZER_ANALYSIS_RACE_HISTORY_H_

#include <optional>
#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// The locks held at access number `index` of `report`, with the places where they were taken, if these are
// known: a task that took a lock at several places of late may have been at any of them.
std::vector<EvidenceHeld> HeldAt(const wire::SanitizerReport& report, int index);

// What task `task` of `report` has done last, oldest first; empty: not known.
std::vector<const wire::Event*> RecentOf(const wire::SanitizerReport& report, uint32_t task);

// The last operation of the later task that made it know what the earlier one had done before: lock after
// unlock, wait after post, a start after a creation. By the two alone: order that a third task has made is not
// looked for, nor that of channels, where the values tell who has met whom.
std::optional<EvidenceOrder> LastOrder(const ProcessModel& process, const wire::SanitizerReport& report);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_RACE_HISTORY_H_
