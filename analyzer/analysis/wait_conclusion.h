// SPDX-License-Identifier: Apache-2.0
// wait_conclusion.h: what follows from the steps of a proof about waits.
#ifndef STRAY_ANALYZER_ANALYSIS_WAIT_CONCLUSION_H_
#define STRAY_ANALYZER_ANALYSIS_WAIT_CONCLUSION_H_

#include <string>

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/finding.h"

namespace stray::analyzer {

// The last sentences of the proof of `finding`, whose groups have the first steps, in order.
std::string WaitConclusion(const Diagnosis& diagnosis, const Finding& finding);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_WAIT_CONCLUSION_H_
