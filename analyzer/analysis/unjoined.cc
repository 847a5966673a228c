// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/unjoined.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"

namespace stray::analyzer {
namespace {

// Tasks that somebody is about to join.
absl::flat_hash_set<uint32_t> AwaitedTasks(const SnapshotModel& snapshot) {
  absl::flat_hash_set<uint32_t> awaited;
  for (const wire::TaskState& state : snapshot.tasks) {
    if (state.waits_for_task() != 0) awaited.insert(state.waits_for_task());
  }
  return awaited;
}

// An adopted task was not created through a hook, so whether it is detached is not known.
bool NeedsJoin(const wire::Task& task) {
  const bool is_thread = task.kind().empty() || task.kind() == "thread";
  return is_thread && task.finished() && !task.joined() && !task.detached() && !task.main() && !task.adopted();
}

Finding UnjoinedFinding(const Diagnosis& diagnosis, const std::vector<const wire::Task*>& tasks) {
  const ProcessModel& process = diagnosis.process();
  Finding finding;
  finding.id = "leak.unjoined";
  finding.count = tasks.size();
  finding.groups.emplace_back();
  for (const wire::Task* task : tasks) {
    EvidenceTask evidence;
    evidence.task = task->id();
    evidence.state = "finished";
    finding.groups.front().tasks.push_back(std::move(evidence));
  }
  finding.groups.front().tasks.front().stacks = diagnosis.evidence().CreationOf(tasks.front()->id());
  const bool one = tasks.size() == 1;
  const std::string created = PlaceOfStack(process, tasks.front()->create_stack());
  const std::string who =
      one ? Capitalized(TaskLabel(process, tasks.front()->id())) : Counted(tasks.size(), "thread");
  finding.title =
      absl::StrCat(one ? "Thread" : Counted(tasks.size(), "thread"), " finished but never joined or detached");
  finding.explanation = absl::StrCat(
      who, created.empty() ? "" : absl::StrCat(one ? ", started at " : ", all started at ", created, ","),
      " finished, but nobody joined or detached ",
      one ? "it. Its stack and exit status are" : "them. Their stacks and exit statuses are",
      " kept for a join that never came; only pthread_join or pthread_detach would have given them back.");
  return finding;
}

}  // namespace

std::vector<Finding> FindUnjoined(const Diagnosis& diagnosis) {
  const wire::Snapshot& info = diagnosis.graph().snapshot().info;
  const bool of_test = IsTestSnapshot(info);
  if (!diagnosis.at_exit() && !of_test) return {};
  const absl::flat_hash_set<uint32_t> awaited = AwaitedTasks(diagnosis.graph().snapshot());
  absl::flat_hash_map<EvidenceMaker::Look, size_t> known;
  std::vector<std::vector<const wire::Task*>> bundles;
  for (const wire::Task& task : diagnosis.process().tasks) {
    if (of_test && task.test_number() != info.test_number()) continue;
    if (!NeedsJoin(task) || awaited.contains(task.id()) || diagnosis.IsIgnoredTask(task.id())) continue;
    auto [it, is_new] = known.try_emplace(diagnosis.evidence().OriginOf(task.id()), bundles.size());
    if (is_new) bundles.emplace_back();
    bundles[it->second].push_back(&task);
  }
  std::vector<Finding> findings;
  for (const auto& tasks : bundles) findings.push_back(UnjoinedFinding(diagnosis, tasks));
  return findings;
}

}  // namespace stray::analyzer
