// SPDX-License-Identifier: Apache-2.0
// misuse.h: sync.misuse, one finding for each kind of misuse and place.
#ifndef STRAY_ANALYZER_ANALYSIS_MISUSE_H_
#define STRAY_ANALYZER_ANALYSIS_MISUSE_H_

#include <vector>

#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Not reported: EDEADLK and EPERM from a mutex of the error-checking type, which the program asked for, and a
// robust mutex whose owner ended; with `use_list`, what default_ignores.inc names. `evidence` belongs to
// `process`.
std::vector<Finding> FindMisuses(const ProcessModel& process, const EvidenceMaker& evidence, bool use_list);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_MISUSE_H_
