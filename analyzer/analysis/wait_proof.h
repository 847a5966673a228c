// SPDX-License-Identifier: Apache-2.0
// wait_proof.h: why tasks that wait can, or cannot, go on: the steps of a proof about a snapshot.
#ifndef STRAY_ANALYZER_ANALYSIS_WAIT_PROOF_H_
#define STRAY_ANALYZER_ANALYSIS_WAIT_PROOF_H_

#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/proof.h"

namespace stray::analyzer {

// Adds steps for the tasks of `finding`, for those that could help them, and so on, and draws them.
void ProveWaits(const Diagnosis& diagnosis, const Finding& finding, Proof& proof);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_WAIT_PROOF_H_
