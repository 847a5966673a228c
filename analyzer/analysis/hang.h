// SPDX-License-Identifier: Apache-2.0
// hang.h: hang.timeout, what every task was doing when the run was cut by --timeout.
#ifndef STRAY_ANALYZER_ANALYSIS_HANG_H_
#define STRAY_ANALYZER_ANALYSIS_HANG_H_

#include <vector>

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// One finding if the snapshot has the reason "timeout", else none.
std::vector<Finding> FindHang(const Diagnosis& diagnosis);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_HANG_H_
