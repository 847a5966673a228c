// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/steering_plan.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/wire/goroutine_records.h"
#include "agent/wire/steering.h"
#include "analyzer/load/recorded_findings.h"

namespace stray::analyzer {
namespace {

class SteeringPlanner {
 public:
  explicit SteeringPlanner(const FoundWitness& found)
      : recorded_(found.recorded), trace_(found.recorded.trace), witness_(found.witness) {}

  SteeringPlan Run(bool is_deadlock, bool is_reversed) {
    NameGoroutines();
    FindFollowing();
    FindBegun();
    for (const EventIndex event : witness_.events) AddEvent(event);
    std::vector<EventIndex> next = witness_.next;
    if (is_reversed) std::reverse(next.begin(), next.end());
    for (const EventIndex event : next) AddThread(event);
    if (is_deadlock) {
      // Each stands before its lock; and then takes it, and waits.
      for (const EventIndex event : next) ComeTo(event);
      for (const EventIndex event : next) AddTurn(event, true);
    } else {
      for (const EventIndex event : next) AddTurn(event, false);
    }
    return std::move(plan_);
  }

 private:
  bool IsGoroutine(uint32_t task) const { return recorded_.task_ids[task] >= box::kFirstGoroutine; }

  // How many scheduling points its task had passed when `event` happened.
  uint64_t StepOf(EventIndex event) const {
    const std::vector<EventIndex>& points = recorded_.points[trace_.events[event].task];
    return static_cast<uint64_t>(std::upper_bound(points.begin(), points.end(), event) - points.begin());
  }

  void NameGoroutines() {
    descents_.resize(trace_.tasks.size());
    std::vector<uint32_t> children(trace_.tasks.size());
    uint32_t roots = 0;
    for (const TraceEvent& event : trace_.events) {
      if (event.op != TraceOp::kFork || !IsGoroutine(event.operand)) continue;
      descents_[event.operand] = descents_[event.task].empty()
                                     ? absl::StrCat(++roots)
                                     : absl::StrCat(descents_[event.task], ".", ++children[event.task]);
    }
    numbers_.assign(trace_.tasks.size(), kNoName);
  }

  void FindFollowing() {
    following_.assign(trace_.events.size(), kNoEvent);
    std::vector<EventIndex> later(trace_.tasks.size(), kNoEvent);
    for (EventIndex event = static_cast<EventIndex>(trace_.events.size()); event-- > 0;) {
      const uint32_t task = trace_.events[event].task;
      if (trace_.events[event].op == TraceOp::kCut) continue;
      following_[event] = later[task];
      later[task] = event;
    }
  }

  // Others can learn of it.
  bool Gives(TraceOp op) const {
    return GivesToSync(op) || op == TraceOp::kWrite || op == TraceOp::kRelease || op == TraceOp::kReleaseRead ||
           op == TraceOp::kFork || IsAcquire(op);
  }

  // Tasks that the witness leaves at the beginning of a step, where they only look (at a flag of the runtime,
  // mostly) before they take a lock. To do the whole step would be to take it.
  void FindBegun() {
    begun_.assign(trace_.tasks.size(), kNoStep);
    std::vector<EventIndex> last(trace_.tasks.size(), kNoEvent);
    std::vector<bool> gives(trace_.tasks.size());  // in the last step
    for (const EventIndex event : witness_.events) {
      const uint32_t task = trace_.events[event].task;
      if (last[task] != kNoEvent && StepOf(last[task]) != StepOf(event)) gives[task] = false;
      gives[task] = gives[task] || Gives(trace_.events[event].op);
      last[task] = event;
    }
    for (size_t task = 0; task < last.size(); ++task) {
      if (last[task] == kNoEvent || gives[task] || StepOf(last[task]) == 0) continue;
      const uint64_t step = StepOf(last[task]);
      for (EventIndex at = following_[last[task]]; at != kNoEvent && StepOf(at) == step; at = following_[at]) {
        if (IsAcquire(trace_.events[at].op)) begun_[task] = step;
      }
    }
  }

  uint32_t NameOf(uint32_t task) {
    if (numbers_[task] == kNoName) {
      numbers_[task] = static_cast<uint32_t>(plan_.names.size());
      plan_.names.push_back({descents_[task], recorded_.task_ids[task]});
    }
    return numbers_[task];
  }

  void AddEvent(EventIndex event) {
    if (descents_[trace_.events[event].task].empty()) return;  // a thread, or a fiber of the runtime
    if (StepOf(event) == begun_[trace_.events[event].task]) return;
    const EventIndex following = following_[event];
    AddTurn(event, following != kNoEvent && StepOf(following) == StepOf(event));
  }

  void AddTurn(EventIndex event, bool may_wait) {
    const TraceEvent& what = trace_.events[event];
    if (descents_[what.task].empty()) return;
    AddTurn(what.task, StepOf(event), may_wait, recorded_.places[what.location]);
  }

  // It goes on with the turn before if that is of the same task.
  void AddTurn(uint32_t task, uint64_t points, bool may_wait, uint64_t place) {
    const uint32_t name = NameOf(task);
    if (!plan_.turns.empty() && plan_.turns.back().name == name) {
      if (place == 0) place = plan_.turns.back().place;
      plan_.turns.pop_back();
    }
    plan_.turns.push_back({name, points, may_wait, place});
  }

  // Its goroutine stands at the point before `event`.
  void ComeTo(EventIndex event) {
    const uint64_t step = StepOf(event);
    const uint32_t task = trace_.events[event].task;
    if (descents_[task].empty()) return;
    const auto last = std::find_if(witness_.events.rbegin(), witness_.events.rend(),
                                   [&](EventIndex other) { return trace_.events[other].task == task; });
    const bool has_begun = last != witness_.events.rend() && StepOf(*last) == step && begun_[task] != step;
    if (step == 0 || has_begun) {
      plan_.is_one_step = true;
      return;
    }
    const auto turn = std::find_if(
        plan_.turns.rbegin(), plan_.turns.rend(),
        [&](const SteeringPlan::Turn& one) { return plan_.names[one.name].task == recorded_.task_ids[task]; });
    const bool is_there = turn != plan_.turns.rend() && turn->points == step - 1 && !turn->may_wait;
    if (is_there) return;
    AddTurn(task, step - 1, false, recorded_.places[trace_.events[event].location]);
  }

  void AddThread(EventIndex event) {
    const uint32_t task = trace_.events[event].task;
    if (descents_[task].empty()) plan_.threads.push_back(recorded_.task_ids[task]);
  }

  static constexpr uint32_t kNoName = UINT32_MAX;
  static constexpr uint64_t kNoStep = UINT64_MAX;

  const RecordedTrace& recorded_;
  const Trace& trace_;
  const Witness& witness_;
  SteeringPlan plan_;
  std::vector<std::string> descents_;  // by task; "": it is no goroutine
  std::vector<uint32_t> numbers_;      // by task: in plan_.names
  std::vector<EventIndex> following_;  // by event: the next of the same task
  std::vector<uint64_t> begun_;        // by task: the step that FindBegun() has found
};

}  // namespace

std::string SteeringPlan::Text(absl::string_view outcome, uint64_t seed) const {
  std::string text = absl::StrCat(steering::kFirstLine, "\n");
  if (!outcome.empty()) absl::StrAppend(&text, "outcome ", outcome, "\n");
  if (seed != 1) absl::StrAppend(&text, "seed ", seed, "\n");
  for (const Turn& turn : turns) {
    absl::StrAppend(&text, "turn ", names[turn.name].descent, " ", turn.points, turn.may_wait ? " -\n" : "\n");
  }
  return text;
}

absl::StatusOr<FoundWitness> FindWitness(ProcessModel& process, const wire::SanitizerReport& report) {
  const auto is_of_trace = [](const wire::SanitizerReport& one) {
    return one.reporter() == "stray" && one.origin().rfind("trace:", 0) == 0;
  };
  if (process.trace_blocks.empty() || !is_of_trace(report))
    return absl::NotFoundError(
        "the dump has no trace of the program, which it needs (`stray run --trace --output DIR`)");
  size_t number = 0;
  for (const wire::SanitizerReport& one : process.sanitizer_reports) {
    if (&one == &report) break;
    number += is_of_trace(one) ? 1 : 0;
  }
  // What is found again is told to a copy that lacks what was found before.
  ProcessModel again;
  again.process = process.process;
  again.objects = process.objects;
  again.trace_blocks.swap(process.trace_blocks);
  FoundWitness found;
  std::vector<Witness> witnesses;
  std::vector<std::string> damage;
  const absl::Status read = FindRecorded(again, damage, &found.recorded, &witnesses);
  again.trace_blocks.swap(process.trace_blocks);
  if (!read.ok()) return read;
  if (number >= witnesses.size() || again.sanitizer_reports[number].origin() != report.origin() ||
      again.sanitizer_reports[number].kind() != report.kind()) {
    return absl::NotFoundError(
        "the trace does not show it again: it was recorded by another version of stray, or is damaged");
  }
  found.witness = std::move(witnesses[number]);
  found.is_deadlock = report.steps_size() > 0;
  return found;
}

SteeringPlan PlanSteering(const FoundWitness& found, bool is_reversed) {
  return SteeringPlanner(found).Run(found.is_deadlock, is_reversed);
}

}  // namespace stray::analyzer
