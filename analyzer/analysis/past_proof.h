// SPDX-License-Identifier: Apache-2.0
// past_proof.h: what was done wrong, and by whom: the steps of a proof about the past: lock orders, races,
// misuse, threads that nobody joined.
#ifndef STRAY_ANALYZER_ANALYSIS_PAST_PROOF_H_
#define STRAY_ANALYZER_ANALYSIS_PAST_PROOF_H_

#include "analyzer/analysis/finding.h"
#include "analyzer/analysis/proof.h"

namespace stray::analyzer {

// `snapshot`: the one that the process is judged by, null if there is none.
void ProveOrder(const Finding& finding, Proof& proof);
void ProveRace(const Finding& finding, Proof& proof);
// Of what a trace foresees of channels and wait groups.
void ProveUse(const Finding& finding, Proof& proof);
void ProveUnjoined(const Finding& finding, const SnapshotModel* snapshot, Proof& proof);
void ProveMisuse(const Finding& finding, const SnapshotModel* snapshot, Proof& proof);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_PAST_PROOF_H_
