// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/listed.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/wait_words.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostGroups = 4;  // of deadlock.all, so many are spelled out

// Why a task of a listing is a finding.
enum class Why { kNone, kLeaked, kNeverEnds, kUnexpected };

bool IsMain(const ProcessModel& process, uint32_t task) {
  const wire::Task* record = process.FindTask(task);
  return record != nullptr && record->main();
}

bool NeverEnds(const ProcessModel& process, const wire::TaskState& state) {
  return state.state() == "blocked" && WaitOf(process, state).waker == Waker::kNobody;
}

Why WhyOf(const ProcessModel& process, const wire::TaskState& state) {
  if (state.told() == "leaked") return Why::kLeaked;
  if (NeverEnds(process, state) && (!IsMain(process, state.task()) || state.told() == "unexpected"))
    return Why::kNeverEnds;
  return state.told() == "unexpected" ? Why::kUnexpected : Why::kNone;
}

// Goroutines that the runtime keeps for itself have no frame of the program.
bool IsOfRuntime(const ProcessModel& process, const wire::TaskState& state) {
  const wire::Stack* stack = process.FindStack(state.stack());
  if (stack == nullptr) return false;
  const auto addresses =
      absl::MakeConstSpan(stack->addresses().data(), static_cast<size_t>(stack->addresses_size()));
  const std::vector<FrameView> frames = ExpandFrames(process, addresses);
  return std::none_of(frames.begin(), frames.end(),
                      [](const FrameView& frame) { return frame.role == FrameRole::kUser; });
}

std::string Doing(const wire::TaskState& state) {
  if (state.state() != "blocked") return state.state().empty() ? "alive" : state.state();
  return state.wait_reason().empty() ? "blocked" : absl::StrCat("waiting in ", state.wait_reason());
}

// "goroutine G7", "38 goroutines".
std::string WhoOf(const ProcessModel& process, const std::vector<uint32_t>& ids) {
  return ids.size() == 1 ? TaskLabel(process, ids.front()) : Counted(ids.size(), TaskNoun(process, ids));
}

std::string WhyText(Why why, const wire::TaskState& state, bool one) {
  const std::string waits = one ? " waits" : " wait";
  const std::string reason = state.wait_reason().empty() ? "" : absl::StrCat(" in ", state.wait_reason());
  switch (why) {
    case Why::kLeaked:
      return absl::StrCat(waits, reason,
                          ". Go's garbage collector has found that nothing that can still run reaches what ",
                          one ? "it waits" : "they wait", " for, so nothing will ever end the wait.");
    case Why::kNeverEnds:
      return absl::StrCat(waits, reason, ", which nothing can ever end.");
    case Why::kUnexpected:
      return absl::StrCat(one ? " was" : " were", " still there when the test had ended, ", Doing(state),
                          ". A leak test has found ", one ? "it" : "them",
                          ", after it had waited for goroutines to end.");
    case Why::kNone:
      break;
  }
  return "";
}

Finding LeakFinding(const ProcessModel& process, const SnapshotModel& snapshot, const EvidenceMaker& evidence,
                    Why why, const std::vector<uint32_t>& indices) {
  const wire::TaskState& first = snapshot.tasks[indices.front()];
  std::vector<uint32_t> ids;
  for (const uint32_t index : indices) ids.push_back(snapshot.tasks[index].task());
  const std::string noun = TaskNoun(process, ids);
  const std::string who = ids.size() == 1 ? Capitalized(noun) : Counted(ids.size(), noun);
  Finding finding;
  finding.count = indices.size();
  finding.groups = evidence.Group(indices);
  if (why == Why::kUnexpected) {
    finding.id = "leak.alive";
    finding.confidence = Confidence::kLikely;
    finding.title = absl::StrCat(who, " still ", Doing(first), " when a test had ended");
  } else {
    finding.id = "leak.blocked";
    finding.title = absl::StrCat(who, " blocked for ever",
                                 first.wait_reason().empty() ? "" : absl::StrCat(" in ", first.wait_reason()));
  }
  finding.explanation = Capitalized(absl::StrCat(WhoOf(process, ids), WhyText(why, first, ids.size() == 1)));
  return finding;
}

// "main is waiting in chan receive; 3 goroutines are waiting in select".
std::string GroupsText(const ProcessModel& process, const SnapshotModel& snapshot,
                       const std::vector<TaskGroup>& groups) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < groups.size() && i < kMostGroups; ++i) {
    const std::vector<uint32_t> ids = TaskIds({groups[i]});
    const wire::TaskState* state = snapshot.Find(ids.front());
    parts.push_back(absl::StrCat(WhoOf(process, ids), ids.size() == 1 ? " is " : " are ",
                                 state == nullptr ? "blocked" : Doing(*state)));
  }
  if (groups.size() > kMostGroups) parts.push_back("and so on");
  return absl::StrJoin(parts, "; ");
}

Finding AsleepFinding(const ProcessModel& process, const SnapshotModel& snapshot,
                      const EvidenceMaker& evidence) {
  std::vector<uint32_t> indices;
  for (uint32_t i = 0; i < snapshot.tasks.size(); ++i) {
    if (!IsOfRuntime(process, snapshot.tasks[i])) indices.push_back(i);
  }
  Finding finding;
  finding.id = "deadlock.all";
  finding.groups = evidence.Group(indices);
  finding.title = indices.empty() ? "All goroutines are blocked for ever"
                  : indices.size() == 1
                      ? "The only goroutine is blocked for ever"
                      : absl::StrCat("All ", indices.size(), " goroutines are blocked for ever");
  const std::string groups = GroupsText(process, snapshot, finding.groups);
  finding.explanation = absl::StrCat(
      "Go's runtime found that no goroutine of the program can go on, and nothing that could wake one, and "
      "ended it",
      groups.empty() ? ". Which goroutines there were is not told." : absl::StrCat(": ", groups, "."));
  return finding;
}

}  // namespace

std::vector<Finding> FindListed(const ProcessModel& process, const SnapshotModel& snapshot) {
  const EvidenceMaker evidence(process, &snapshot);
  if (snapshot.info.told() == "asleep") return {AsleepFinding(process, snapshot, evidence)};
  std::vector<std::pair<Why, std::vector<uint32_t>>> bundles;
  absl::flat_hash_map<std::pair<Why, EvidenceMaker::Look>, size_t> known;
  for (uint32_t i = 0; i < snapshot.tasks.size(); ++i) {
    const wire::TaskState& state = snapshot.tasks[i];
    const Why why = WhyOf(process, state);
    if (why == Why::kNone) continue;
    const auto [it, is_new] = known.try_emplace({why, evidence.LookOf(state)}, bundles.size());
    if (is_new) bundles.push_back({why, {}});
    bundles[it->second].second.push_back(i);
  }
  std::vector<Finding> findings;
  for (const auto& [why, indices] : bundles) {
    findings.push_back(LeakFinding(process, snapshot, evidence, why, indices));
  }
  return findings;
}

namespace {

std::string ConclusionOf(const Finding& finding, const SnapshotModel* snapshot) {
  const wire::TaskState* first = nullptr;
  if (snapshot != nullptr && !finding.groups.empty())
    first = snapshot->Find(finding.groups.front().tasks.front().task);
  if (finding.id == "deadlock.all") return "this is what Go's runtime found, which knows of all goroutines.";
  if (first != nullptr && first->told() == "leaked")
    return "this is what Go's garbage collector found, which knows who reaches what; the text does not.";
  if (finding.id == "leak.blocked")
    return "what they wait for does not exist, so it does not matter who else there is.";
  return "this is what the text says that was read. Who else there was, and who could have helped, it does not "
         "say.";
}

}  // namespace

void ProveListed(const Finding& finding, Proof& proof) {
  const ProcessModel& process = *finding.process;
  for (const TaskGroup& group : finding.groups) {
    const EvidenceTask& task = group.tasks.front();
    ProofStep& step = proof.steps.emplace_back();
    step.task = task.task;
    const std::string age = task.wait_ns == 0 ? "" : absl::StrCat(" for at least ", DurationText(task.wait_ns));
    step.claim = absl::StrCat(Capitalized(TaskLabel(process, task.task)), " ",
                              task.state == "blocked" ? "is blocked" : absl::StrCat("is ", task.state), age,
                              task.wait_reason.empty() ? "" : absl::StrCat(" in ", task.wait_reason), ".");
    for (const EvidenceStack& stack : task.stacks) {
      const auto frame = TopUserFrame(process, stack.addresses);
      if (!frame.has_value()) continue;
      const bool created = stack.role == "created";
      if (created || stack.role == "blocked")
        step.Say(absl::StrCat(created ? "It was started at " : "It stands at ", PlaceLabel(*frame), "."));
    }
    if (group.tasks.size() > 1) {
      step.Say(absl::StrCat("The same is true of ", group.tasks.size() - 1, " more."));
    }
    proof.diagram.Task(task.task, TaskLabel(process, task.task), Mark::kPlain);
  }
  proof.conclusion = ConclusionOf(finding, SnapshotToJudge(process));
}

}  // namespace stray::analyzer
