// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/proof.h"

#include "absl/strings/match.h"
#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/listed.h"
#include "analyzer/analysis/past_proof.h"
#include "analyzer/analysis/wait_proof.h"

namespace stray::analyzer {
namespace {

bool IsAboutWaits(const Finding& finding) {
  if (finding.id == "deadlock.predicted") return false;  // nobody waited, whatever the program came to since
  return absl::StartsWith(finding.id, "deadlock.") || absl::StartsWith(finding.id, "hang.") ||
         finding.id == "leak.blocked" || finding.id == "leak.alive";
}

}  // namespace

Proof Prove(const Finding& finding, const AnalysisOptions& options) {
  Proof proof;
  if (finding.process == nullptr) return proof;
  const ProcessModel& process = *finding.process;
  const SnapshotModel* snapshot = SnapshotToJudge(process);
  if (IsAboutWaits(finding) && snapshot != nullptr && IsListing(snapshot->info)) {
    ProveListed(finding, proof);
  } else if (IsAboutWaits(finding) && snapshot != nullptr) {
    const Background background = FindBackground(process, snapshot, options.default_ignores);
    ProveWaits(Diagnosis(process, *snapshot, background), finding, proof);
  } else if (absl::StartsWith(finding.id, "lock-order.") || finding.id == "deadlock.predicted") {
    ProveOrder(finding, proof);
  } else if (absl::StartsWith(finding.id, "race.")) {
    ProveRace(finding, proof);
  } else if (finding.id == "channel.predicted" || finding.id == "wait-group.predicted") {
    ProveUse(finding, proof);
  } else if (finding.id == "leak.unjoined") {
    ProveUnjoined(finding, snapshot, proof);
  } else {
    ProveMisuse(finding, snapshot, proof);
  }
  return proof;
}

}  // namespace stray::analyzer
