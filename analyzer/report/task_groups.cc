// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_groups.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/stack_text.h"
#include "analyzer/report/task_stack.h"

namespace stray::analyzer {
namespace {

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

}  // namespace

std::vector<TaskGroup> GroupsOfTasks(const ProcessModel& process, const SnapshotModel& snapshot) {
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

}  // namespace stray::analyzer
