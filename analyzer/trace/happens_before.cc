// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/happens_before.h"

#include <algorithm>

namespace stray::analyzer {
namespace {

template <typename T>
T& At(std::vector<T>& all, uint32_t index) {
  if (index >= all.size()) all.resize(index + 1);
  return all[index];
}

// The task's own time steps.
void Tick(VectorClock& clock, uint32_t task) { clock.Set(task, clock.Of(task) + 1); }

}  // namespace

VectorClock& HappensBefore::TaskClock(uint32_t task) {
  VectorClock& clock = At(tasks_, task);
  if (clock.Of(task) == 0) clock.Set(task, 1);
  return clock;
}

EventIndex HappensBefore::Unordered(const Frontier& frontier, const VectorClock& clock) {
  if (frontier.more == nullptr) {
    const Access& one = frontier.one;
    return one.event != kNoEvent && one.time > clock.Of(one.task) ? one.event : kNoEvent;
  }
  for (const Access& access : *frontier.more) {
    if (access.time > clock.Of(access.task)) return access.event;
  }
  return kNoEvent;
}

void HappensBefore::Advance(Frontier& frontier, const Access& access, const VectorClock& clock) {
  const auto is_before = [&](const Access& old) { return old.time <= clock.Of(old.task); };
  if (frontier.more == nullptr) {
    if (frontier.one.event == kNoEvent || is_before(frontier.one)) {
      frontier.one = access;
      return;
    }
    frontier.more = std::make_unique<std::vector<Access>>(1, frontier.one);
  }
  std::vector<Access>& all = *frontier.more;
  all.erase(std::remove_if(all.begin(), all.end(), is_before), all.end());
  if (all.empty()) {
    frontier.more.reset();
    frontier.one = access;
  } else {
    all.push_back(access);
  }
}

void HappensBefore::Read(const TraceEvent& event) {
  VectorClock& clock = TaskClock(event.task);
  Variable& variable = At(variables_, event.operand);
  const EventIndex write = Unordered(variable.writes, clock);
  if (write != kNoEvent) on_race_({write, next_});
  if (order_ == Order::kSchedulable) clock.Join(variable.last_write);
  const uint32_t now = clock.Of(event.task);
  Access& last = variable.reads.one;
  if (variable.reads.more == nullptr && last.event != kNoEvent && last.task == event.task && last.time == now) {
    last.event = next_;  // the same epoch: nothing of what is known has changed
    return;
  }
  Advance(variable.reads, {event.task, now, next_}, clock);
}

void HappensBefore::Write(const TraceEvent& event) {
  VectorClock& clock = TaskClock(event.task);
  Variable& variable = At(variables_, event.operand);
  EventIndex other = Unordered(variable.writes, clock);
  if (other == kNoEvent) other = Unordered(variable.reads, clock);
  if (other != kNoEvent) on_race_({other, next_});
  Advance(variable.writes, {event.task, clock.Of(event.task), next_}, clock);
  if (order_ == Order::kFirst) return;
  variable.last_write = clock;
  Tick(clock, event.task);
}

// Who writes comes after all that had the lock before, who reads after those that wrote.
void HappensBefore::Acquire(const TraceEvent& event) {
  VectorClock& clock = TaskClock(event.task);
  clock.Join(At(locks_, event.operand));
  if (event.op != TraceOp::kAcquireRead && event.operand < read_releases_.size())
    clock.Join(read_releases_[event.operand]);
}

void HappensBefore::Add(const TraceEvent& event) {
  switch (event.op) {
    case TraceOp::kRead:
      Read(event);
      break;
    case TraceOp::kWrite:
      Write(event);
      break;
    case TraceOp::kAcquire:
    case TraceOp::kTryAcquire:
    case TraceOp::kAcquireRead:
      Acquire(event);
      break;
    case TraceOp::kRelease:
      At(locks_, event.operand) = TaskClock(event.task);
      Tick(TaskClock(event.task), event.task);
      break;
    case TraceOp::kReleaseRead:
      At(read_releases_, event.operand).Join(TaskClock(event.task));
      Tick(TaskClock(event.task), event.task);
      break;
    case TraceOp::kSignal:
      At(syncs_, event.operand).Join(TaskClock(event.task));
      Tick(TaskClock(event.task), event.task);
      break;
    case TraceOp::kAwait:
      TaskClock(event.task).Join(At(syncs_, event.operand));
      break;
    case TraceOp::kFork: {
      TaskClock(std::max(event.task, event.operand));  // no reference may move below
      TaskClock(event.operand).Join(TaskClock(event.task));
      Tick(TaskClock(event.task), event.task);
      break;
    }
    case TraceOp::kJoin: {
      TaskClock(std::max(event.task, event.operand));
      TaskClock(event.task).Join(TaskClock(event.operand));
      Tick(TaskClock(event.operand), event.operand);
      break;
    }
    default:
      break;  // orders nothing
  }
  ++next_;
}

}  // namespace stray::analyzer
