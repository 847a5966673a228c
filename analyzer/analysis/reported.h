// SPDX-License-Identifier: Apache-2.0
// reported.h: what race detectors have reported, as findings.
//
// One race is one finding, however often, by however many callers and in however many processes it was seen:
// reports are the same if their kind and the places of their accesses are, whichever came first. A place is a
// line of user code. The other kinds of reports are told apart by where they happened: the call that misused a
// mutex, the creation of a thread that nobody joined, the places of a lock order.
#ifndef STRAY_ANALYZER_ANALYSIS_REPORTED_H_
#define STRAY_ANALYZER_ANALYSIS_REPORTED_H_

#include <vector>

#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// race.data, and sync.misuse, leak.unjoined and lock-order.cycle of other kinds: agent/wire/report_kinds.inc. A
// finding belongs to the first process that has the report which is shown.
std::vector<Finding> FindReported(const Model& model);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_REPORTED_H_
