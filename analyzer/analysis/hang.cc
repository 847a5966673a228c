// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/hang.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/explain.h"

namespace stray::analyzer {
namespace {

using Node = WaitGraph::Node;

struct Tally {
  size_t running = 0;
  size_t sleeping = 0;
  size_t outside = 0;
  size_t waiting = 0;
  size_t stuck = 0;
};

void Count(const Diagnosis& diagnosis, Node task, Tally& tally) {
  const TaskNode& node = diagnosis.graph().task(task);
  if (!diagnosis.IsLive(task)) {
    ++tally.stuck;
  } else if (node.state->state() != "blocked") {
    ++tally.running;
  } else if (node.wait.waker == Waker::kTimer) {
    ++tally.sleeping;
  } else if (node.wait.waker == Waker::kOutside) {
    ++tally.outside;
  } else {
    ++tally.waiting;
  }
}

std::string TallyText(const Tally& tally) {
  std::vector<std::string> parts;
  auto add = [&parts](size_t number, const char* what) {
    if (number > 0) parts.push_back(absl::StrCat(number, what));
  };
  add(tally.running, " running");
  add(tally.sleeping, " sleeping");
  add(tally.outside, " waiting for the outside world");
  add(tally.waiting, " waiting for other tasks");
  add(tally.stuck, " blocked for ever");
  return JoinedWithAnd(parts);
}

std::string RunTime(const Diagnosis& diagnosis) {
  const uint64_t start = diagnosis.process().process.start_ns();
  const uint64_t end = diagnosis.info().time_ns();
  if (start == 0 || end <= start) return "";
  return absl::StrFormat(" %.1f s after its start", static_cast<double>(end - start) / 1e9);
}

// What main was doing: the first thing one wants to know.
std::string MainSentence(const Diagnosis& diagnosis) {
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    const TaskNode& node = diagnosis.graph().task(task);
    if (node.task == nullptr || !node.task->main() || node.finished) continue;
    return absl::StrCat(" Main ", WaitClause(diagnosis, task), ".");
  }
  return "";
}

}  // namespace

std::vector<Finding> FindHang(const Diagnosis& diagnosis) {
  if (diagnosis.info().reason() != "timeout") return {};
  std::vector<Node> tasks;
  Tally tally;
  for (Node task = 0; task < diagnosis.graph().task_count(); ++task) {
    if (diagnosis.graph().task(task).finished || diagnosis.IsIgnored(task)) continue;
    tasks.push_back(task);
    Count(diagnosis, task, tally);
  }
  Finding finding;
  finding.id = "hang.timeout";
  finding.confidence = Confidence::kLikely;
  finding.title = "The program was still running when its time was up";
  finding.groups = diagnosis.evidence().Group(tasks);
  finding.explanation = absl::StrCat(
      "The run was cut by its time limit", RunTime(diagnosis), ". ", Counted(tasks.size(), "task"),
      tasks.size() == 1 ? " was" : " were", " left: ", TallyText(tally), ".", MainSentence(diagnosis),
      tally.stuck == 0 ? " Nothing proves a deadlock; the stacks below show where the time went." : "");
  return {std::move(finding)};
}

}  // namespace stray::analyzer
