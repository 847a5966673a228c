// SPDX-License-Identifier: Apache-2.0
// history_text.h: recent events, where they explain what a stack cannot.
#ifndef STRAY_ANALYZER_REPORT_HISTORY_TEXT_H_
#define STRAY_ANALYZER_REPORT_HISTORY_TEXT_H_

#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/report/task_block.h"

namespace stray::analyzer {

// True if nobody in particular keeps `task` waiting, so that the history of its object may tell why it waits.
bool HistoryHelps(const ProcessModel& process, const LockHolders& holders, const EvidenceTask& task);

// The last operations on the object that `task` waits on, if they help.
void WriteHistory(TaskBlockContext& context, const EvidenceTask& task);

// What `task` did last: stands in for a stack that is missing.
void WriteLastDeeds(TaskBlockContext& context, const EvidenceTask& task);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_HISTORY_TEXT_H_
