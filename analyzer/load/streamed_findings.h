// SPDX-License-Identifier: Apache-2.0
// streamed_findings.h: races of a trace that is not in memory, as reports like those of a sanitizer.
#ifndef STRAY_ANALYZER_LOAD_STREAMED_FINDINGS_H_
#define STRAY_ANALYZER_LOAD_STREAMED_FINDINGS_H_

#include "analyzer/load/streamed_races.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Adds what AddTraceFindings() would (trace_findings.h) as data-race, but for the order that shows it.
void AddStreamedFindings(const StreamedTrace& trace, ProcessModel& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_STREAMED_FINDINGS_H_
