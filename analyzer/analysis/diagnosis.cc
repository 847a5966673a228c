// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/diagnosis.h"

#include "absl/strings/string_view.h"
#include "analyzer/analysis/event_order.h"
#include "analyzer/analysis/ignores.h"
#include "analyzer/analysis/liveness.h"

namespace stray::analyzer {
namespace {

bool IsWake(absl::string_view kind) {
  return kind == "signal" || kind == "broadcast" || kind == "post" || kind == "futex wake";
}

}  // namespace

Background FindBackground(const ProcessModel& process, const SnapshotModel* snapshot, bool use_list) {
  Background background;
  IgnoreFinder finder(process);
  auto look_up = [&](uint32_t task, const wire::TaskState* state) {
    const IgnoreEntry* entry = finder.Find(task, state);
    if (entry == nullptr) return;
    if (entry->foreign) background.foreign.insert(task);
    if (use_list) background.ignored.insert(task);
  };
  for (const wire::Task& task : process.tasks) {
    look_up(task.id(), snapshot == nullptr ? nullptr : snapshot->Find(task.id()));
  }
  if (snapshot == nullptr) return background;
  for (const wire::TaskState& state : snapshot->tasks) {
    if (process.FindTask(state.task()) == nullptr) look_up(state.task(), &state);
  }
  return background;
}

Diagnosis::Diagnosis(const ProcessModel& process, const SnapshotModel& snapshot, const Background& background)
    : background_(background),
      graph_(process, snapshot, background.foreign),
      live_(LiveNodes(graph_)),
      wakers_(FindWakers(graph_, live_)),
      circles_(FindCircles(graph_, live_, wakers_)),
      circle_of_(CircleBehind(graph_, circles_)),
      evidence_(process, &snapshot),
      in_circle_(graph_.task_count(), false) {
  for (const Circle& circle : circles_) {
    for (Node task : circle.tasks) in_circle_[task] = true;
  }
  for (Node task = 0; task < graph_.task_count(); ++task) {
    if (!IsLeft(task)) continue;
    ++left_count_;
    if (!live_[task]) ++stuck_count_;
  }
}

bool Diagnosis::IsLeft(Node task) const {
  return !graph_.task(task).finished && graph_.task(task).ending == Ending::kNo;
}

bool Diagnosis::IsAllStuck() const {
  if (stuck_count_ == 0 || graph_.has_unknown_wakers()) return false;
  for (Node task = 0; task < graph_.task_count(); ++task) {
    if (IsLeft(task) && live_[task] && !graph_.task(task).foreign) return false;
  }
  return true;
}

LastWaker Diagnosis::LastWakerOf(uint32_t object) const {
  if (!wakers_read_) {
    wakers_read_ = true;
    for (const wire::Task& task : process().tasks) {
      for (const wire::Event& event : task.events()) {
        if (!IsWake(event.kind())) continue;
        LastWaker& last = last_wakers_[event.object()];
        if (last.task == 0 || IsNewer(event.sequence(), last.event.sequence())) last = {task.id(), event};
      }
    }
  }
  auto it = last_wakers_.find(object);
  return it == last_wakers_.end() ? LastWaker() : it->second;
}

}  // namespace stray::analyzer
