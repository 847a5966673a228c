// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/test_findings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "analyzer/analysis/evidence.h"

namespace stray::analyzer {
namespace {

// What tasks are in, as opposed to what has happened.
bool IsState(const Finding& finding) {
  return absl::StartsWith(finding.id, "leak.") || absl::StartsWith(finding.id, "deadlock.");
}

bool HasTask(const Finding& finding, const ProcessModel& process, const wire::Snapshot& end) {
  const auto is_of_test = [&](uint32_t task) {
    const wire::Task* record = process.FindTask(task);
    const uint32_t test = record == nullptr ? 0 : record->test_number();
    if (test == end.test_number()) return true;
    // It has taken the snapshot, so the test is what it runs.
    return !IsState(finding) && task != 0 && task == end.taken_by();
  };
  const std::vector<uint32_t> tasks = TaskIds(finding.groups), behind = TaskIds(finding.consequences);
  return std::any_of(tasks.begin(), tasks.end(), is_of_test) ||
         std::any_of(behind.begin(), behind.end(), is_of_test);
}

}  // namespace

std::vector<Finding> TestFindings::TakeNew(const ProcessModel& process, std::vector<Finding> findings) {
  std::vector<Finding> taken;
  if (process.LastSnapshot() == nullptr) return taken;
  const wire::Snapshot& end = process.LastSnapshot()->info;
  for (Finding& finding : findings) {
    if (!HasTask(finding, process, end)) continue;
    uint64_t& told = told_[{IsState(finding) ? end.test_number() : 0, finding.signature}];
    if (finding.count <= told) continue;
    told = finding.count;
    taken.push_back(std::move(finding));
  }
  return taken;
}

}  // namespace stray::analyzer
