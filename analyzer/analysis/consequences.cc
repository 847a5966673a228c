// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/consequences.h"

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/explain.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;
using Cause = Consequences::Cause;

constexpr Node kUnknown = UINT32_MAX;
constexpr Node kNobody = UINT32_MAX - 1;  // nothing to report on the way

// At the end of a test only its own tasks are left, and not the one that runs it.
bool IsOver(const Diagnosis& diagnosis, Node task) {
  const wire::Snapshot& info = diagnosis.info();
  if (!IsTestSnapshot(info)) return true;
  const wire::Task* record = diagnosis.graph().task(task).task;
  const uint32_t test = record == nullptr ? 0 : record->test_number();
  return test == info.test_number() && diagnosis.graph().task(task).state->task() != info.taken_by();
}

bool IsMain(const Diagnosis& diagnosis, Node task) {
  const wire::Task* record = diagnosis.graph().task(task).task;
  return record != nullptr && record->main();
}

// Each task on the way from `start` gets the cause of the last one, unless there is nothing to report further
// on.
void Follow(const Diagnosis& diagnosis, Node start, std::vector<Cause>& causes) {
  std::vector<Node> way;
  Cause cause{kNobody};
  for (Node task = start;;) {
    if (causes[task].task != kUnknown) {
      cause = causes[task];
      break;
    }
    if (diagnosis.IsInCircle(task)) {
      causes[task] = cause = {kNobody, diagnosis.CircleOf(task)};
      break;
    }
    causes[task].task = kNobody;  // so that a way that comes back here ends
    way.push_back(task);
    const Node next = StuckBehind(diagnosis, task);
    if (!diagnosis.graph().IsTask(next)) break;
    task = next;
  }
  for (auto task = way.rbegin(); task != way.rend(); ++task) {
    if (cause.task == kNobody && cause.circle == kNoCircle && IsReportable(diagnosis, *task))
      cause.task = *task;
    causes[*task] = cause;
  }
}

}  // namespace

bool IsEndOfSomething(const Diagnosis& diagnosis) {
  return diagnosis.at_exit() || IsTestSnapshot(diagnosis.info());
}

bool IsReportable(const Diagnosis& diagnosis, Node task) {
  if (!diagnosis.IsLeft(task) || diagnosis.IsIgnored(task)) return false;
  return !IsEndOfSomething(diagnosis) || (!IsMain(diagnosis, task) && IsOver(diagnosis, task));
}

Consequences::Consequences(const Diagnosis& diagnosis)
    : diagnosis_(diagnosis),
      causes_(diagnosis.graph().task_count(), Cause{kUnknown}),
      of_circle_(diagnosis.circles().size()) {
  for (Node task = 0; task < causes_.size(); ++task) {
    if (diagnosis_.IsLive(task) || diagnosis_.IsInCircle(task) || !IsReportable(diagnosis_, task)) continue;
    Follow(diagnosis_, task, causes_);
    if (causes_[task].circle != kNoCircle) {
      of_circle_[causes_[task].circle].push_back(task);
    } else if (causes_[task].task != task) {
      of_task_[causes_[task].task].push_back(task);
    }
  }
}

Consequences::Cause Consequences::CauseOf(Node task) const { return causes_[task]; }

std::vector<Node> Consequences::OfTask(Node task) const {
  const auto it = of_task_.find(task);
  return it == of_task_.end() ? std::vector<Node>() : it->second;
}

std::vector<Node> Consequences::OfCircle(uint32_t number) const { return of_circle_[number]; }

void AddConsequences(const Diagnosis& diagnosis, const std::vector<Node>& tasks, Finding& finding) {
  if (tasks.empty()) return;
  const WaitGraph& graph = diagnosis.graph();
  finding.consequences = diagnosis.evidence().Group(tasks);
  for (TaskGroup& group : finding.consequences) {
    for (EvidenceTask& task : group.tasks) {
      const Node blocker = StuckBehind(diagnosis, static_cast<Node>(graph.snapshot().by_task.at(task.task)));
      if (graph.IsTask(blocker)) task.waits_for_task = graph.task(blocker).state->task();
    }
  }
  const std::vector<uint32_t> ids = TaskIds(finding.consequences);
  absl::StrAppend(&finding.explanation, " As a consequence ",
                  Counted(tasks.size(), absl::StrCat("more ", TaskNoun(diagnosis.process(), ids))),
                  tasks.size() == 1 ? " is" : " are", " blocked for ever: ", TaskList(diagnosis.process(), ids),
                  ".");
}

}  // namespace stray::analyzer
