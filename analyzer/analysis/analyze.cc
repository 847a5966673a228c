// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/analyze.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/deadlocks.h"
#include "analyzer/analysis/diagnosis.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/hang.h"
#include "analyzer/analysis/leaks.h"
#include "analyzer/analysis/listed.h"
#include "analyzer/analysis/lock_order.h"
#include "analyzer/analysis/misuse.h"
#include "analyzer/analysis/reported.h"
#include "analyzer/analysis/signature.h"
#include "analyzer/analysis/unjoined.h"

namespace stray::analyzer {
namespace {

// Most important first: what has stopped a program, what its results cannot be trusted for, what is left of it,
// what may happen, what is wrong.
constexpr absl::string_view kImportance[] = {
    "deadlock.cycle",    "deadlock.self",        "deadlock.all",     "hang.timeout",   "race.data",
    "leak.blocked",      "leak.unjoined",        "leak.alive",       "race.predicted", "deadlock.predicted",
    "channel.predicted", "wait-group.predicted", "lock-order.cycle", "sync.misuse",    "channel.misuse",
    "wait-group.misuse", "race.lockset"};

size_t ImportanceOf(const Finding& finding) {
  return std::find(std::begin(kImportance), std::end(kImportance), finding.id) - std::begin(kImportance);
}

bool ComesBefore(const Finding& a, const Finding& b) {
  if (ImportanceOf(a) != ImportanceOf(b)) return ImportanceOf(a) < ImportanceOf(b);
  if (a.confidence != b.confidence) return a.confidence < b.confidence;
  return a.count > b.count;
}

template <typename Thing>
void Append(std::vector<Thing> from, std::vector<Thing>& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

// The locks of each deadlock that the trace of the process foresees, sorted: their order need not be
// suspected beside it.
std::vector<std::vector<uint32_t>> PredictedLocks(const ProcessModel& process) {
  std::vector<std::vector<uint32_t>> result;
  for (const wire::SanitizerReport& report : process.sanitizer_reports) {
    if (report.kind() != "predicted-deadlock" && report.kind() != "likely-deadlock") continue;
    std::vector<uint32_t>& locks = result.emplace_back();
    for (const wire::LockStep& step : report.steps()) locks.push_back(step.wanted().object());
    std::sort(locks.begin(), locks.end());
  }
  return result;
}

std::vector<Finding> AnalyzeProcess(const ProcessModel& process, const AnalysisOptions& options) {
  std::vector<Finding> findings;
  std::vector<std::vector<uint32_t>> deadlocked;
  const SnapshotModel* snapshot = SnapshotToJudge(process);
  if (snapshot != nullptr && IsListing(snapshot->info)) {
    Append(FindListed(process, *snapshot), findings);
  } else if (snapshot != nullptr) {
    const Background background = FindBackground(process, snapshot, options.default_ignores);
    const Diagnosis diagnosis(process, *snapshot, background);
    Append(FindDeadlocks(diagnosis), findings);
    Append(FindHang(diagnosis), findings);
    Append(FindLeaks(diagnosis), findings);
    Append(FindUnjoined(diagnosis), findings);
    deadlocked = DeadlockedLocks(diagnosis);
  }
  Append(PredictedLocks(process), deadlocked);
  const EvidenceMaker evidence(process, snapshot);
  Append(FindLockOrders(process, evidence, deadlocked), findings);
  Append(FindMisuses(process, evidence, options.default_ignores), findings);
  for (Finding& finding : findings) {
    finding.process = &process;
    finding.signature = Signature(finding);
  }
  std::stable_sort(findings.begin(), findings.end(), ComesBefore);
  return findings;
}

}  // namespace

const SnapshotModel* SnapshotToJudge(const ProcessModel& process) {
  for (auto it = process.snapshots.rbegin(); it != process.snapshots.rend(); ++it) {
    if (it->info.reason() == "timeout") return &*it;
  }
  return process.LastSnapshot();
}

std::vector<Finding> Analyze(const Model& model, const AnalysisOptions& options) {
  std::vector<Finding> findings;
  for (const auto& process : model.processes) Append(AnalyzeProcess(*process, options), findings);
  std::vector<Finding> reported = FindReported(model);
  for (Finding& finding : reported) finding.signature = Signature(finding);
  Append(std::move(reported), findings);
  std::stable_sort(findings.begin(), findings.end(), ComesBefore);
  return findings;
}

}  // namespace stray::analyzer
