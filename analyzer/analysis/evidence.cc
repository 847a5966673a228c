// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/evidence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/wait_words.h"

namespace stray::analyzer {
namespace {

bool IsSameWait(const wire::TaskState& a, const wire::TaskState& b) {
  return a.state() == "blocked" && b.state() == "blocked" && a.since_ns() == b.since_ns() &&
         a.object() == b.object() && a.address() == b.address();
}

}  // namespace

std::string FrameKey(const FrameView& frame) {
  const bool named = frame.location != nullptr && !frame.location->function().empty();
  if (frame.location != nullptr && frame.location->line() != 0) {
    return absl::StrCat(frame.location->function(), " ", frame.location->file(), ":", frame.location->line());
  }
  if (named) return absl::StrCat(frame.location->function(), " in ", ModuleName(frame.module));
  if (frame.module == nullptr) return "?";
  return absl::StrCat(ModuleName(frame.module), "+", absl::Hex(frame.offset));
}

std::string StackKey(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  std::string user;
  std::string all;
  for (const FrameView& frame : ExpandFrames(process, addresses)) {
    const std::string key = FrameKey(frame);
    if (frame.role == FrameRole::kUser) absl::StrAppend(&user, key, "\n");
    absl::StrAppend(&all, key, "\n");
  }
  return user.empty() ? all : user;
}

EvidenceStack StackEvidence(const ProcessModel& process, const std::string& role, uint32_t stack,
                            const wire::Site& site) {
  EvidenceStack evidence;
  evidence.role = role;
  const wire::Stack* record = process.FindStack(stack);
  if (record == nullptr && site.stack() != 0) record = process.FindStack(site.stack());
  if (record != nullptr) {
    evidence.addresses.assign(record->addresses().begin(), record->addresses().end());
    evidence.first_is_exact = record->first_is_exact();
    evidence.cut = record->cut();
    return evidence;
  }
  evidence.missing = true;
  if (site.address() != 0) evidence.addresses.push_back(site.address());
  return evidence;
}

EvidenceTask TaskEvidence(const ProcessModel& process, const wire::TaskState& state) {
  EvidenceTask task;
  task.task = state.task();
  task.state = state.state();
  task.object = state.object();
  task.waits_for_task = state.waits_for_task();
  if (state.state() == "blocked") {
    task.wait_reason = state.wait_reason();
    task.waits_on = std::string(WaitOf(process, state).object_kind);
    task.wait_ns = state.wait_ns();
    for (const wire::SelectCase& one : state.cases()) task.cases.push_back({one.object(), one.sends()});
  }
  for (const wire::Held& held : state.held()) task.held.push_back({held.object(), held.read(), held.site()});
  return task;
}

EvidenceMaker::EvidenceMaker(const ProcessModel& process, const SnapshotModel* snapshot)
    : process_(process), snapshot_(snapshot) {}

uint32_t EvidenceMaker::NumberOfAddresses(absl::Span<const uint64_t> addresses) const {
  const std::string place = StackKey(process_, addresses);
  if (place.empty()) return 0;
  return number_of_place_.try_emplace(place, static_cast<uint32_t>(number_of_place_.size() + 1)).first->second;
}

uint32_t EvidenceMaker::NumberOf(uint32_t stack) const {
  const wire::Stack* record = process_.FindStack(stack);
  if (record == nullptr) return 0;
  auto known = number_of_stack_.find(stack);
  if (known != number_of_stack_.end()) return known->second;
  const auto& addresses = record->addresses();
  const uint32_t number = NumberOfAddresses(absl::MakeConstSpan(addresses.data(), addresses.size()));
  number_of_stack_.emplace(stack, number);
  return number;
}

uint32_t EvidenceMaker::NumberOf(const wire::Site& site) const {
  if (site.stack() != 0) return NumberOf(site.stack());
  return site.address() == 0 ? 0 : NumberOfAddresses({site.address()});
}

EvidenceMaker::Where EvidenceMaker::WhereIs(const wire::TaskState& state) const {
  if (state.stack() != 0) return {state.stack(), state.site()};
  for (const SnapshotModel& earlier : process_.snapshots) {
    if (&earlier == snapshot_) break;
    const wire::TaskState* before = earlier.Find(state.task());
    if (before != nullptr && before->stack() != 0 && IsSameWait(*before, state)) {
      return {before->stack(), state.site()};
    }
  }
  return {state.site().stack(), state.site()};
}

EvidenceMaker::Look EvidenceMaker::OriginOf(uint32_t id) const {
  Look look;
  const wire::Task* task = process_.FindTask(id);
  if (task == nullptr) return look;
  look.created = NumberOf(task->create_stack());
  look.start_routine = task->start_routine();
  return look;
}

EvidenceMaker::Look EvidenceMaker::LookOf(const wire::TaskState& state) const {
  Look look = OriginOf(state.task());
  look.state = state.state();
  look.wait_reason = state.wait_reason();
  const Where where = WhereIs(state);
  look.where = where.stack != 0 ? NumberOf(where.stack) : NumberOf(where.site);
  return look;
}

std::vector<EvidenceStack> EvidenceMaker::CreationOf(uint32_t id) const {
  const wire::Task* task = process_.FindTask(id);
  if (task == nullptr || task->main() || task->create_stack() == 0) return {};
  std::vector<EvidenceStack> stacks = {StackEvidence(process_, "created", task->create_stack())};
  for (uint32_t ancestor : task->ancestor_stacks()) {
    stacks.push_back(StackEvidence(process_, "ancestor", ancestor));
  }
  return stacks;
}

std::vector<EvidenceStack> EvidenceMaker::StacksOf(const wire::TaskState& state) const {
  const Where where = WhereIs(state);
  const std::string role = state.state() == "blocked" ? "blocked" : "running";
  std::vector<EvidenceStack> stacks = {StackEvidence(process_, role, where.stack, where.site)};
  for (EvidenceStack& stack : CreationOf(state.task())) stacks.push_back(std::move(stack));
  return stacks;
}

std::vector<TaskGroup> EvidenceMaker::Group(const std::vector<uint32_t>& indices) const {
  std::vector<TaskGroup> groups;
  absl::flat_hash_map<Look, size_t> known;
  for (uint32_t index : indices) {
    const wire::TaskState& state = snapshot_->tasks[index];
    auto [it, is_new] = known.try_emplace(LookOf(state), groups.size());
    if (is_new) groups.emplace_back();
    groups[it->second].tasks.push_back(TaskEvidence(process_, state));
    if (is_new) groups.back().tasks.back().stacks = StacksOf(state);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const TaskGroup& a, const TaskGroup& b) { return a.tasks.size() > b.tasks.size(); });
  return groups;
}

std::vector<uint32_t> TaskIds(const std::vector<TaskGroup>& groups) {
  std::vector<uint32_t> ids;
  for (const TaskGroup& group : groups) {
    for (const EvidenceTask& task : group.tasks) ids.push_back(task.task);
  }
  return ids;
}

}  // namespace stray::analyzer
