// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/leaks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/consequences.h"
#include "analyzer/analysis/deadlocks.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/explain.h"
#include "analyzer/analysis/peers.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;
using Look = EvidenceMaker::Look;

const wire::TaskState& StateOf(const Diagnosis& diagnosis, Node task) {
  return *diagnosis.graph().task(task).state;
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
  finding.explanation =
      absl::StrCat(WhoWaits(diagnosis, tasks), ". ", why,
                   MeetingSentence(diagnosis.process(), StateOf(diagnosis, tasks.front()).task()));
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
                   one ? WhyLive(diagnosis, first) : absl::StrCat("Of the first: ", WhyLive(diagnosis, first)),
                   MeetingSentence(diagnosis.process(), StateOf(diagnosis, first).task()));
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

// The lock that keeps `task` for ever because its holder has ended with it; 0: none.
uint32_t DeadLockOf(const Diagnosis& diagnosis, Node task) {
  const WaitGraph& graph = diagnosis.graph();
  for (Node need : graph.needs().Successors(task)) {
    if (graph.IsLock(need) && !diagnosis.IsLive(need) && graph.lock(need).ended_holder != 0)
      return graph.lock(need).object;
  }
  return 0;
}

// All that wait for one lock whose holder has ended have one cause, wherever they wait. The bundles in order,
// those that have such a lock in common as one.
std::vector<std::vector<Node>> Joined(const Diagnosis& diagnosis,
                                      const std::vector<std::vector<Node>>& bundles) {
  std::vector<std::vector<Node>> joined;
  absl::flat_hash_map<uint32_t, size_t> of_lock;
  for (const std::vector<Node>& bundle : bundles) {
    size_t place = joined.size();
    for (Node task : bundle) {
      const auto it = of_lock.find(DeadLockOf(diagnosis, task));
      if (it != of_lock.end()) place = std::min(place, it->second);
    }
    if (place == joined.size()) joined.emplace_back();
    for (Node task : bundle) {
      joined[place].push_back(task);
      if (const uint32_t lock = DeadLockOf(diagnosis, task); lock != 0) of_lock.try_emplace(lock, place);
    }
  }
  return joined;
}

std::vector<Finding> BlockedFindings(const Diagnosis& diagnosis, const Consequences& consequences,
                                     const Bundles& blocked) {
  std::vector<Finding> findings;
  for (const std::vector<Node>& tasks : Joined(diagnosis, blocked.all())) {
    findings.push_back(BlockedFinding(diagnosis, tasks));
    std::vector<Node> behind;
    for (Node task : tasks) {
      const std::vector<Node> its = consequences.OfTask(task);
      behind.insert(behind.end(), its.begin(), its.end());
    }
    AddConsequences(diagnosis, behind, findings.back());
  }
  return findings;
}

bool IsCause(const Consequences& consequences, Node task) {
  const Consequences::Cause cause = consequences.CauseOf(task);
  return cause.circle == kNoCircle && cause.task == task;
}

std::vector<Finding> LeaksAtEnd(const Diagnosis& diagnosis) {
  const Consequences consequences(diagnosis);
  Bundles blocked;
  Bundles alive;
  const EvidenceMaker& evidence = diagnosis.evidence();
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    if (!IsReportable(diagnosis, task) || diagnosis.IsInCircle(task)) continue;
    const wire::TaskState& state = StateOf(diagnosis, task);
    if (diagnosis.IsLive(task)) {
      alive.Add(state.state() == "blocked" ? evidence.LookOf(state) : evidence.OriginOf(state.task()), task);
    } else if (IsCause(consequences, task)) {
      blocked.Add(evidence.LookOf(state), task);
    }
  }
  std::vector<Finding> findings = BlockedFindings(diagnosis, consequences, blocked);
  for (const auto& tasks : alive.all()) findings.push_back(AliveFinding(diagnosis, tasks));
  return findings;
}

std::vector<Finding> LeaksWhileRunning(const Diagnosis& diagnosis) {
  if (IsDeadlockOfAll(diagnosis)) return {};
  const Consequences consequences(diagnosis);
  Bundles blocked;
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    if (!IsReportable(diagnosis, task) || diagnosis.IsInCircle(task) || diagnosis.IsLive(task)) continue;
    if (IsCause(consequences, task)) blocked.Add(diagnosis.evidence().LookOf(StateOf(diagnosis, task)), task);
  }
  return BlockedFindings(diagnosis, consequences, blocked);
}

}  // namespace

std::vector<Finding> FindLeaks(const Diagnosis& diagnosis) {
  return IsEndOfSomething(diagnosis) ? LeaksAtEnd(diagnosis) : LeaksWhileRunning(diagnosis);
}

}  // namespace stray::analyzer
