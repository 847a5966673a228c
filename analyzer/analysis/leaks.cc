// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/leaks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/deadlocks.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/explain.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;
using Look = EvidenceMaker::Look;

const wire::TaskState& StateOf(const Diagnosis& diagnosis, Node task) {
  return *diagnosis.graph().task(task).state;
}

bool IsMain(const Diagnosis& diagnosis, Node task) {
  const wire::Task* record = diagnosis.graph().task(task).task;
  return record != nullptr && record->main();
}

bool CanBeLeak(const Diagnosis& diagnosis, Node task) {
  return diagnosis.IsLeft(task) && !diagnosis.IsIgnored(task) && !diagnosis.IsInCircle(task);
}

std::string NounOf(const Diagnosis& diagnosis, const std::vector<Node>& tasks) {
  std::vector<uint32_t> ids;
  for (Node task : tasks) ids.push_back(StateOf(diagnosis, task).task());
  return TaskNoun(diagnosis.process(), ids);
}

// "T2 "worker" waits in sem_wait on semaphore s" or "38 threads wait in sem_wait", as a beginning.
std::string WhoWaits(const Diagnosis& diagnosis, const std::vector<Node>& tasks) {
  const Node first = tasks.front();
  const ProcessModel& process = diagnosis.process();
  if (tasks.size() == 1) {
    return absl::StrCat(Capitalized(TaskLabel(process, StateOf(diagnosis, first).task())), " ",
                        WaitClause(diagnosis, first));
  }
  const uint32_t object = StateOf(diagnosis, first).object();
  const bool same = std::all_of(tasks.begin(), tasks.end(),
                                [&](Node task) { return StateOf(diagnosis, task).object() == object; });
  const std::string who = Counted(tasks.size(), NounOf(diagnosis, tasks));
  if (same) return absl::StrCat(who, " ", WaitClause(diagnosis, first, true));
  return absl::StrCat(who, " wait in ", StateOf(diagnosis, first).wait_reason(), ", not all for the same ",
                      ObjectKind(process, object));
}

void FillTasks(const Diagnosis& diagnosis, const std::vector<Node>& tasks, Finding& finding) {
  finding.count = tasks.size();
  finding.groups = diagnosis.evidence().Group(tasks);
  for (Node task : tasks) {
    const wire::TaskState& state = StateOf(diagnosis, task);
    if (state.object() != 0) finding.objects.push_back(state.object());
    for (const wire::SelectCase& one : state.cases()) finding.objects.push_back(one.object());
  }
  std::sort(finding.objects.begin(), finding.objects.end());
  finding.objects.erase(std::unique(finding.objects.begin(), finding.objects.end()), finding.objects.end());
}

Finding BlockedFinding(const Diagnosis& diagnosis, const std::vector<Node>& tasks) {
  Finding finding;
  finding.id = "leak.blocked";
  FillTasks(diagnosis, tasks, finding);
  const std::string noun = NounOf(diagnosis, tasks);
  const std::string who = tasks.size() == 1 ? Capitalized(noun) : Counted(tasks.size(), noun);
  finding.title = absl::StrCat(who, " blocked for ever in ", StateOf(diagnosis, tasks.front()).wait_reason());
  const std::string why = WhyStuck(diagnosis, tasks.front());
  finding.explanation = absl::StrCat(WhoWaits(diagnosis, tasks), ". ", why);
  return finding;
}

std::string AliveDoing(const Diagnosis& diagnosis, Node task) {
  const wire::TaskState& state = StateOf(diagnosis, task);
  if (state.state() != "blocked") return "running";
  if (diagnosis.graph().task(task).wait.waker == Waker::kTimer) return "sleeping";
  return absl::StrCat("waiting in ", state.wait_reason());
}

std::string WhenEnded(const Diagnosis& diagnosis) {
  if (!IsTestSnapshot(diagnosis.graph().snapshot().info)) return "the program ended";
  const std::string name = TestName(diagnosis.process(), diagnosis.graph().snapshot().info);
  return name.empty() ? "the check was made" : absl::StrCat("test ", name, " ended");
}

Finding AliveFinding(const Diagnosis& diagnosis, const std::vector<Node>& tasks) {
  Finding finding;
  finding.id = "leak.alive";
  finding.confidence = Confidence::kLikely;
  FillTasks(diagnosis, tasks, finding);
  const Node first = tasks.front();
  const std::string noun = NounOf(diagnosis, tasks);
  const std::string doing = AliveDoing(diagnosis, first);
  const bool one = tasks.size() == 1;
  const std::string when = WhenEnded(diagnosis);
  finding.title =
      absl::StrCat(one ? Capitalized(noun) : Counted(tasks.size(), noun), " still ", doing, " when ", when);
  const std::string who = one ? Capitalized(TaskLabel(diagnosis.process(), StateOf(diagnosis, first).task()))
                              : Counted(tasks.size(), noun);
  finding.explanation =
      absl::StrCat(who, one ? " was" : " were", " still alive when ", when, ": ", one ? "it " : "they ",
                   WaitClause(diagnosis, first, !one), ". ",
                   one ? WhyLive(diagnosis, first) : absl::StrCat("Of the first: ", WhyLive(diagnosis, first)));
  return finding;
}

// The tasks that fall under one finding each, in order of their first members.
class Bundles {
 public:
  void Add(const Look& look, Node task) {
    auto [it, is_new] = known_.try_emplace(look, bundles_.size());
    if (is_new) bundles_.emplace_back();
    bundles_[it->second].push_back(task);
  }
  const std::vector<std::vector<Node>>& all() const { return bundles_; }

 private:
  absl::flat_hash_map<Look, size_t> known_;
  std::vector<std::vector<Node>> bundles_;
};

// At the end of a test only its own tasks are left, and not the one that runs it.
bool IsOver(const Diagnosis& diagnosis, Node task) {
  const wire::Snapshot& info = diagnosis.graph().snapshot().info;
  if (!IsTestSnapshot(info)) return true;
  const wire::Task* record = diagnosis.graph().task(task).task;
  const uint32_t test = record == nullptr ? 0 : record->test_number();
  return test == info.test_number() && StateOf(diagnosis, task).task() != info.taken_by();
}

std::vector<Finding> LeaksAtEnd(const Diagnosis& diagnosis) {
  Bundles blocked;
  Bundles alive;
  const EvidenceMaker& evidence = diagnosis.evidence();
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    // Nobody starts main, so nobody can forget to stop it: another thread has ended the program.
    if (!CanBeLeak(diagnosis, task) || IsMain(diagnosis, task) || !IsOver(diagnosis, task)) continue;
    const wire::TaskState& state = StateOf(diagnosis, task);
    if (!diagnosis.IsLive(task)) {
      blocked.Add(evidence.LookOf(state), task);
    } else {
      alive.Add(state.state() == "blocked" ? evidence.LookOf(state) : evidence.OriginOf(state.task()), task);
    }
  }
  std::vector<Finding> findings;
  for (const auto& tasks : blocked.all()) findings.push_back(BlockedFinding(diagnosis, tasks));
  for (const auto& tasks : alive.all()) findings.push_back(AliveFinding(diagnosis, tasks));
  return findings;
}

Finding BehindFinding(const Diagnosis& diagnosis, uint32_t number, const std::vector<Node>& tasks) {
  Finding finding = BlockedFinding(diagnosis, tasks);
  std::vector<uint32_t> members;
  for (Node task : diagnosis.circles()[number].tasks) members.push_back(StateOf(diagnosis, task).task());
  const std::string who = tasks.size() == 1 ? "1 task is" : absl::StrCat(tasks.size(), " tasks are");
  finding.title = absl::StrCat(Counted(tasks.size(), "task"), " blocked for ever behind a deadlock");
  finding.explanation = absl::StrCat(
      Capitalized(who), " stuck behind ", members.size() == 1 ? "the self-deadlock of " : "the deadlock of ",
      TaskList(diagnosis.process(), members), ", directly or through each other. For example, ",
      TaskLabel(diagnosis.process(), StateOf(diagnosis, tasks.front()).task()), " ",
      WaitClause(diagnosis, tasks.front()), ". ", WhyStuck(diagnosis, tasks.front()));
  return finding;
}

std::vector<Finding> LeaksWhileRunning(const Diagnosis& diagnosis) {
  if (IsDeadlockOfAll(diagnosis)) return {};
  Bundles blocked;
  std::vector<std::vector<Node>> behind(diagnosis.circles().size());
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    if (!CanBeLeak(diagnosis, task) || diagnosis.IsLive(task)) continue;
    const uint32_t circle = diagnosis.CircleOf(task);
    if (circle == kNoCircle) {
      blocked.Add(diagnosis.evidence().LookOf(StateOf(diagnosis, task)), task);
    } else {
      behind[circle].push_back(task);
    }
  }
  std::vector<Finding> findings;
  for (const auto& tasks : blocked.all()) findings.push_back(BlockedFinding(diagnosis, tasks));
  for (uint32_t number = 0; number < behind.size(); ++number) {
    if (!behind[number].empty()) findings.push_back(BehindFinding(diagnosis, number, behind[number]));
  }
  return findings;
}

}  // namespace

std::vector<Finding> FindLeaks(const Diagnosis& diagnosis) {
  const bool is_end = diagnosis.at_exit() || IsTestSnapshot(diagnosis.graph().snapshot().info);
  return is_end ? LeaksAtEnd(diagnosis) : LeaksWhileRunning(diagnosis);
}

}  // namespace stray::analyzer
