// SPDX-License-Identifier: Apache-2.0
// task_overview.cc: what every task is doing, grouped by the user code they stand in.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/read_profile_text.h"
#include "analyzer/report/report.h"
#include "analyzer/report/stack_text.h"
#include "analyzer/report/task_stack.h"
#include "analyzer/report/task_text.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxGroups = 100;

EvidenceTask TaskOf(const ProcessModel& process, const wire::TaskState& state) {
  EvidenceTask task;
  task.task = state.task();
  task.state = state.signal_blocked() ? absl::StrCat(state.state(), " (did not answer: last known place)")
                                      : state.state();
  task.wait_reason = state.wait_reason();
  if (!task.wait_reason.empty()) task.waits_on = std::string(WaitOf(process, state).object_kind);
  task.wait_ns = state.wait_ns();
  task.object = state.object();
  task.waits_for_task = state.waits_for_task();
  for (const wire::Held& held : state.held()) task.held.push_back({held.object(), held.read(), held.site()});
  task.stacks.push_back(TaskStack(process, state));
  return task;
}

// Of a listing also where it was started: it belongs to what there is to read.
EvidenceTask ListedTaskOf(const ProcessModel& process, const wire::TaskState& state) {
  EvidenceTask task = TaskOf(process, state);
  for (EvidenceStack& stack : EvidenceMaker(process, nullptr).CreationOf(state.task())) {
    if (stack.role == "created") task.stacks.push_back(std::move(stack));
  }
  return task;
}

// What tasks have in common when they do the same: how they wait, and the user code they stand in. Frames of
// libraries below it may differ, as when one of them was interrupted to take the snapshot.
class Looks {
 public:
  explicit Looks(const ProcessModel& process) : process_(process) {}

  std::string Of(const EvidenceTask& task) {
    std::string look = absl::StrCat(task.state, "\n", task.wait_reason, "\n", task.waits_on, "\n",
                                    task.held.empty() ? "" : "holds");
    for (const EvidenceStack& stack : task.stacks) absl::StrAppend(&look, "\n", UserCode(stack));
    return look;
  }

 private:
  const std::string& UserCode(const EvidenceStack& stack) {
    auto [it, is_new] = known_.try_emplace(stack.addresses);
    if (is_new) it->second = StackChain(process_, stack, SIZE_MAX);
    return it->second;
  }

  const ProcessModel& process_;
  absl::flat_hash_map<std::vector<uint64_t>, std::string> known_;
};

// Largest first; among equals the one with the smallest task id.
std::vector<TaskGroup> GroupsOf(const ProcessModel& process, const SnapshotModel& snapshot) {
  Looks looks(process);
  std::vector<TaskGroup> groups;
  absl::flat_hash_map<std::string, size_t> places;
  for (const wire::TaskState& state : snapshot.tasks) {
    EvidenceTask task = IsListing(snapshot.info) ? ListedTaskOf(process, state) : TaskOf(process, state);
    auto [it, is_new] = places.try_emplace(looks.Of(task), groups.size());
    if (is_new) groups.emplace_back();
    groups[it->second].tasks.push_back(std::move(task));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const TaskGroup& a, const TaskGroup& b) {
    if (a.tasks.size() != b.tasks.size()) return a.tasks.size() > b.tasks.size();
    return a.tasks.front().task < b.tasks.front().task;
  });
  return groups;
}

void WriteProcess(Page& page, const ProcessModel& process) {
  const SnapshotModel* snapshot = process.LastSnapshot();
  page.Blank();
  if (snapshot == nullptr) {
    page.Paragraph(0,
                   absl::StrCat(ProcessName(process), ": what its tasks are doing is not known (no snapshot)"));
    return;
  }
  const std::vector<TaskGroup> groups = GroupsOf(process, *snapshot);
  page.Paragraph(
      0,
      absl::StrCat(Counted(snapshot->tasks.size(), "task"), " in ", ProcessName(process),
                   groups.size() > 1 ? absl::StrCat(", doing ", groups.size(), " different things") : ""),
      Tone::kStrong);
  if (snapshot->info.unknown_threads() != 0) {
    page.Paragraph(3, absl::StrCat("and ", Counted(snapshot->info.unknown_threads(), "thread"),
                                   " that the agent did not see start"));
  }
  ObjectNames names(process);
  const RecentEvents no_events(process, {});
  const LockHolders holders(process, *snapshot);
  const PeerTable peers(process);
  TaskBlockContext context{process, page, names, holders, no_events, peers, nullptr, {}, {}};
  const size_t shown = std::min(groups.size(), kMaxGroups);
  const TaskStyle style = IsListing(snapshot->info) ? TaskStyle::kListed : TaskStyle::kCompact;
  for (size_t i = 0; i < shown; ++i) WriteTaskGroup(context, groups[i], style);
  if (shown < groups.size()) {
    page.Line(3, absl::StrCat(".. and ", groups.size() - shown, " more groups (a dump holds them all)"));
  }
}

bool IsListed(const ProcessModel& process) {
  return process.LastSnapshot() != nullptr && IsListing(process.LastSnapshot()->info);
}

}  // namespace

std::string ListingOverview(const Model& model, const ReportOptions& options) {
  Page page(options.width, options.color);
  for (const auto& process : model.processes) {
    if (IsListed(*process) && !process->LastSnapshot()->tasks.empty()) WriteProcess(page, *process);
    if (!process->profile_sites.empty()) WriteProfileSites(page, *process);
  }
  return page.Take();
}

std::string TaskOverview(const Model& model, const ReportOptions& options) {
  Page page(options.width, options.color);
  for (const auto& process : model.processes) WriteProcess(page, *process);
  return page.Take();
}

}  // namespace stray::analyzer
