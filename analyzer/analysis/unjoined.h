// SPDX-License-Identifier: Apache-2.0
// unjoined.h: leak.unjoined, threads that finished and that nobody joined or detached.
#ifndef STRAY_ANALYZER_ANALYSIS_UNJOINED_H_
#define STRAY_ANALYZER_ANALYSIS_UNJOINED_H_

#include <vector>

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// One finding for each creation stack. Empty unless the snapshot was taken at the end of the program: until
// then somebody may still join them.
std::vector<Finding> FindUnjoined(const Diagnosis& diagnosis);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_UNJOINED_H_
