// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_verdicts.h"

#include "absl/strings/match.h"
#include "analyzer/analysis/evidence.h"

namespace stray::analyzer {
namespace {

bool ProvesStuck(const Finding& finding) {
  return finding.confidence == Confidence::kProved &&
         (finding.id == "leak.blocked" || absl::StartsWith(finding.id, "deadlock."));
}

}  // namespace

TaskVerdicts::TaskVerdicts(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    const bool is_state = absl::StartsWith(finding.id, "leak.") || absl::StartsWith(finding.id, "deadlock.") ||
                          absl::StartsWith(finding.id, "hang.");
    if (!is_state || finding.suppressed || finding.process == nullptr) continue;
    Add(finding, finding.groups);
    Add(finding, finding.consequences);
  }
}

void TaskVerdicts::Add(const Finding& finding, const std::vector<TaskGroup>& groups) {
  for (uint32_t task : TaskIds(groups)) {
    // Findings come most important first; but what is proved says more than that the time was up.
    TaskVerdict& verdict = by_task_[{finding.process, task}];
    if (verdict.id.empty() || (ProvesStuck(finding) && !verdict.stuck)) verdict.id = finding.id;
    verdict.stuck = verdict.stuck || ProvesStuck(finding);
  }
}

const TaskVerdict& TaskVerdicts::Of(const ProcessModel& process, uint32_t task) const {
  static const TaskVerdict* const kNone = new TaskVerdict;
  const auto it = by_task_.find({&process, task});
  return it == by_task_.end() ? *kNone : it->second;
}

}  // namespace stray::analyzer
