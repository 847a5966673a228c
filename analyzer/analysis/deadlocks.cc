// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/deadlocks.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/consequences.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/explain.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;
using Look = EvidenceMaker::Look;

constexpr size_t kMostLinks = 6;   // of a long circle, so many are spelled out
constexpr size_t kMostGroups = 4;  // of deadlock.all, so many are spelled out

const wire::TaskState& StateOf(const Diagnosis& diagnosis, Node task) {
  return *diagnosis.graph().task(task).state;
}

std::string LabelOf(const Diagnosis& diagnosis, Node task) {
  return TaskLabel(diagnosis.process(), StateOf(diagnosis, task).task());
}

void AddObject(Finding& finding, uint32_t object) {
  if (object == 0) return;
  auto& objects = finding.objects;
  if (std::find(objects.begin(), objects.end(), object) == objects.end()) objects.push_back(object);
}

// The lock that the link from `task` to `next` runs through, or 0 for a join.
uint32_t LockBetween(const WaitGraph& graph, Node task, Node next) {
  for (Node need : graph.needs().Successors(task)) {
    if (!graph.IsLock(need)) continue;
    const auto holders = graph.needs().Successors(need);
    if (std::find(holders.begin(), holders.end(), next) != holders.end()) return graph.lock(need).object;
  }
  return 0;
}

// One member of a circle with its stacks: where it waits, where it took what its predecessor wants, where it
// was created.
EvidenceTask MemberEvidence(const Diagnosis& diagnosis, Node task, Node next, uint32_t wanted_by_predecessor,
                            bool with_stacks) {
  const wire::TaskState& state = StateOf(diagnosis, task);
  EvidenceTask evidence = TaskEvidence(diagnosis.process(), state);
  evidence.waits_for_task = StateOf(diagnosis, next).task();
  if (!with_stacks) return evidence;
  evidence.stacks = diagnosis.evidence().StacksOf(state);
  for (const wire::Held& held : state.held()) {
    if (held.object() != wanted_by_predecessor) continue;
    EvidenceStack acquired = StackEvidence(diagnosis.process(), "acquired", 0, held.site());
    acquired.missing = acquired.addresses.empty();
    evidence.stacks.insert(evidence.stacks.begin() + 1, std::move(acquired));
  }
  return evidence;
}

// Adds a circle to a finding about circles that look the same: each member joins the first group of its look
// that has no member of this circle yet.
void AddCircle(const Diagnosis& diagnosis, const Circle& circle, const std::vector<Look>& looks,
               Finding& finding, std::vector<Look>& group_looks) {
  std::vector<bool> taken(group_looks.size(), false);
  for (size_t i = 0; i < circle.tasks.size(); ++i) {
    const Node next = circle.tasks[(i + 1) % circle.tasks.size()];
    const Node previous = circle.tasks[(i + circle.tasks.size() - 1) % circle.tasks.size()];
    const uint32_t wanted = LockBetween(diagnosis.graph(), previous, circle.tasks[i]);
    AddObject(finding, wanted);
    size_t group = 0;
    while (group < taken.size() && (taken[group] || !(group_looks[group] == looks[i]))) ++group;
    const bool is_new = group == taken.size();
    if (is_new) {
      finding.groups.emplace_back();
      group_looks.push_back(looks[i]);
      taken.push_back(false);
    }
    taken[group] = true;
    finding.groups[group].tasks.push_back(MemberEvidence(diagnosis, circle.tasks[i], next, wanted, is_new));
  }
}

std::string CircleText(const Diagnosis& diagnosis, const Circle& circle) {
  std::vector<std::string> links;
  for (size_t i = 0; i < circle.tasks.size(); ++i) {
    const Node next = circle.tasks[(i + 1) % circle.tasks.size()];
    if (circle.tasks.size() > kMostLinks && i >= kMostLinks - 2 && i + 1 < circle.tasks.size()) {
      if (i == kMostLinks - 2) links.push_back("and so on round the circle");
      continue;
    }
    links.push_back(
        absl::StrCat(LabelOf(diagnosis, circle.tasks[i]), " ", LinkClause(diagnosis, circle.tasks[i], next)));
  }
  return absl::StrJoin(links, "; ");
}

std::string ExplainCircles(const Diagnosis& diagnosis, const Circle& circle, uint64_t count) {
  const size_t size = circle.tasks.size();
  const std::string noun = TaskNoun(diagnosis.process(), {StateOf(diagnosis, circle.tasks.front()).task()});
  std::string text = size == 2 ? absl::StrCat("Two ", noun, "s wait for each other: ")
                               : absl::StrCat(size, " ", noun, "s wait for each other in a circle: ");
  absl::StrAppend(&text, CircleText(diagnosis, circle), ". ",
                  size == 2 ? "Neither can go on before the other does, so neither ever will."
                            : "Each can go on only when the next one does, so none of them ever will.");
  if (count > 1)
    absl::StrAppend(&text, " The same happened in ", count, " separate circles; this is the first.");
  return text;
}

// "has locked for reading itself, at F (f.cc:3)".
std::string HowItHolds(const ProcessModel& process, const wire::TaskState& state) {
  for (const wire::Held& held : state.held()) {
    if (held.object() != state.object()) continue;
    const std::string place = PlaceLabel(process, held.site());
    return absl::StrCat("has locked ", held.read() ? "for reading " : "", "itself",
                        place.empty() ? "" : absl::StrCat(" before, at ", place));
  }
  return "holds itself";
}

std::string ExplainSelf(const Diagnosis& diagnosis, Node task) {
  const ProcessModel& process = diagnosis.process();
  const wire::TaskState& state = StateOf(diagnosis, task);
  const std::string label = LabelOf(diagnosis, task);
  if (state.waits_for_task() == state.task()) {
    return absl::StrCat(Capitalized(label), " waits for its own end in ", state.wait_reason(),
                        ", which it can never reach while it waits.");
  }
  const std::string wants = absl::StrCat(Capitalized(label), " ", WaitClause(diagnosis, task), ", which it ");
  if (ObjectKind(process, state.object()) == "once") {
    return absl::StrCat(
        wants, "is itself in the middle of: its initialization has asked for itself and can never end.");
  }
  if (ObjectKind(process, state.object()) == "rwlock") {
    return absl::StrCat(
        wants, HowItHolds(process, state),
        ". It would get it only after it has given up its own lock, which it cannot do while it waits.");
  }
  return absl::StrCat(
      wants, HowItHolds(process, state),
      ". Only the holder of a lock can release it, and the holder is waiting here, so it waits for ever.");
}

std::string SelfTitle(const Diagnosis& diagnosis, Node task) {
  const wire::TaskState& state = StateOf(diagnosis, task);
  const std::string noun = Capitalized(TaskNoun(diagnosis.process(), {state.task()}));
  if (state.waits_for_task() == state.task()) return absl::StrCat(noun, " waits for its own end");
  return absl::StrCat(noun, " waits for a ", ObjectKind(diagnosis.process(), state.object()),
                      " that it holds itself");
}

std::string CycleTitle(const Diagnosis& diagnosis, const Circle& circle) {
  std::vector<uint32_t> tasks;
  for (Node task : circle.tasks) tasks.push_back(StateOf(diagnosis, task).task());
  return absl::StrCat("Deadlock of ", Counted(tasks.size(), TaskNoun(diagnosis.process(), tasks)));
}

bool Less(const Look& a, const Look& b) {
  return std::tie(a.where, a.created, a.start_routine, a.wait_reason, a.state) <
         std::tie(b.where, b.created, b.start_routine, b.wait_reason, b.state);
}

struct LessLooks {
  bool operator()(const std::vector<Look>& a, const std::vector<Look>& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), Less);
  }
};

// One finding for each set of circles whose tasks look the same.
std::vector<Finding> CircleFindings(const Diagnosis& diagnosis) {
  struct Same {
    const Circle* first = nullptr;
    Finding finding;
    std::vector<Look> group_looks;
    std::vector<Node> behind;
  };
  std::vector<Same> all;
  std::map<std::vector<Look>, size_t, LessLooks> known;
  const Consequences consequences(diagnosis);
  const bool all_are_told = IsDeadlockOfAll(diagnosis);
  for (uint32_t number = 0; number < diagnosis.circles().size(); ++number) {
    const Circle& circle = diagnosis.circles()[number];
    std::vector<Look> looks;
    for (Node task : circle.tasks) looks.push_back(diagnosis.evidence().LookOf(StateOf(diagnosis, task)));
    std::vector<Look> key = looks;
    std::sort(key.begin(), key.end(), Less);
    auto [it, is_new] = known.try_emplace(std::move(key), all.size());
    if (is_new) all.emplace_back();
    Same& same = all[it->second];
    if (is_new) same.first = &circle;
    same.finding.count = is_new ? 1 : same.finding.count + 1;
    AddCircle(diagnosis, circle, looks, same.finding, same.group_looks);
    if (all_are_told) continue;
    const std::vector<Node> behind = consequences.OfCircle(number);
    same.behind.insert(same.behind.end(), behind.begin(), behind.end());
  }
  std::vector<Finding> findings;
  for (Same& same : all) {
    Finding& finding = same.finding;
    const bool self = same.first->tasks.size() == 1;
    finding.id = self ? "deadlock.self" : "deadlock.cycle";
    finding.title = self ? SelfTitle(diagnosis, same.first->tasks.front()) : CycleTitle(diagnosis, *same.first);
    finding.explanation = self ? ExplainSelf(diagnosis, same.first->tasks.front())
                               : ExplainCircles(diagnosis, *same.first, finding.count);
    AddConsequences(diagnosis, same.behind, finding);
    findings.push_back(std::move(finding));
  }
  return findings;
}

// A lock that a thread held at the moment of a fork stays locked in the child, where that thread does not
// exist.
std::string LockedBeforeFork(const Diagnosis& diagnosis) {
  if (diagnosis.process().process.forked_from() == 0) return "";
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    const bool wants_lock = diagnosis.graph().task(task).wait.waker == Waker::kHolder;
    if (!diagnosis.IsLeft(task) || !wants_lock || !diagnosis.graph().WaitsFor(task).empty()) continue;
    return absl::StrCat(
        " No thread of this process holds ",
        ObjectLabel(diagnosis.process(), StateOf(diagnosis, task).object()),
        ": it was probably locked in the parent process at the moment of the fork, by a thread that does "
        "not exist here.");
  }
  return "";
}

std::string ExplainAll(const Diagnosis& diagnosis, const std::vector<TaskGroup>& groups) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < groups.size() && i < kMostGroups; ++i) {
    const std::vector<EvidenceTask>& tasks = groups[i].tasks;
    const Node node = diagnosis.graph().snapshot().by_task.at(tasks.front().task);
    const std::string subject =
        tasks.size() == 1 ? TaskLabel(diagnosis.process(), tasks.front().task) : Counted(tasks.size(), "task");
    parts.push_back(absl::StrCat(subject, " ", WaitClause(diagnosis, node, tasks.size() > 1)));
  }
  if (groups.size() > kMostGroups) parts.push_back("the others likewise");
  return absl::StrCat("Every task of the program is blocked: ", absl::StrJoin(parts, "; "), ".",
                      LockedBeforeFork(diagnosis),
                      " No task runs, sleeps, does I/O or waits with a timeout, so nothing is left that could "
                      "wake any of them.");
}

Finding AllFinding(const Diagnosis& diagnosis) {
  Finding finding;
  finding.id = "deadlock.all";
  // A dead process cannot be asked for threads that no hook saw.
  if (diagnosis.info().reason() == "post_mortem") finding.confidence = Confidence::kLikely;
  std::vector<uint32_t> tasks;
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    if (!diagnosis.IsLeft(task) || (diagnosis.IsIgnored(task) && !diagnosis.IsInCircle(task))) continue;
    tasks.push_back(task);
    AddObject(finding, StateOf(diagnosis, task).object());
  }
  finding.groups = diagnosis.evidence().Group(tasks);
  finding.title = tasks.size() == 1
                      ? "The only task is blocked for ever"
                      : absl::StrCat("All ", Counted(tasks.size(), "task"), " are blocked for ever");
  finding.explanation = ExplainAll(diagnosis, finding.groups);
  return finding;
}

}  // namespace

bool IsDeadlockOfAll(const Diagnosis& diagnosis) {
  if (diagnosis.at_exit() || !diagnosis.IsAllStuck()) return false;
  const bool lone_self = diagnosis.stuck_count() == 1 && diagnosis.circles().size() == 1;
  return !lone_self;
}

std::vector<std::vector<uint32_t>> DeadlockedLocks(const Diagnosis& diagnosis) {
  std::vector<std::vector<uint32_t>> result;
  for (const Circle& circle : diagnosis.circles()) {
    std::vector<uint32_t> locks;
    for (size_t i = 0; i < circle.tasks.size(); ++i) {
      const Node next = circle.tasks[(i + 1) % circle.tasks.size()];
      locks.push_back(LockBetween(diagnosis.graph(), circle.tasks[i], next));
    }
    std::sort(locks.begin(), locks.end());
    locks.erase(std::unique(locks.begin(), locks.end()), locks.end());
    if (locks.front() != 0) result.push_back(std::move(locks));
  }
  return result;
}

std::vector<Finding> FindDeadlocks(const Diagnosis& diagnosis) {
  std::vector<Finding> findings = CircleFindings(diagnosis);
  if (IsDeadlockOfAll(diagnosis)) {
    Finding all = AllFinding(diagnosis);
    if (!all.groups.empty()) findings.push_back(std::move(all));
  }
  return findings;
}

}  // namespace stray::analyzer
