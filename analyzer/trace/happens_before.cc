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

}  // namespace

TaskClock& HappensBefore::ClockOf(uint32_t task) {
  TaskClock& clock = At(tasks_, task);
  if (!clock.HasBegun()) clock.Begin(task);
  return clock;
}

const HappensBefore::Access* HappensBefore::Unordered(const Frontier& frontier, const TaskClock& clock) {
  if (frontier.more == nullptr) {
    const Access& one = frontier.one;
    return one.event != kNoEvent && one.time > clock.Of(one.task) ? &one : nullptr;
  }
  for (const Access& access : *frontier.more) {
    if (access.time > clock.Of(access.task)) return &access;
  }
  return nullptr;
}

void HappensBefore::Advance(Frontier& frontier, const Access& access, const TaskClock& clock) {
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
  TaskClock& clock = ClockOf(event.task);
  Variable& variable = At(variables_, event.operand);
  if (const Access* write = Unordered(variable.writes, clock); write != nullptr) Report(*write);
  clock.Learn(variable.last_write);
  const Access access = {event.task, clock.now(), next_, event.location};
  Access& last = variable.reads.one;
  if (variable.reads.more == nullptr && last.event != kNoEvent && last.task == access.task &&
      last.time == access.time) {
    last = access;  // the same epoch: nothing of what is known has changed
    return;
  }
  Advance(variable.reads, access, clock);
}

void HappensBefore::Write(const TraceEvent& event) {
  TaskClock& clock = ClockOf(event.task);
  Variable& variable = At(variables_, event.operand);
  const Access* other = Unordered(variable.writes, clock);
  if (other == nullptr) other = Unordered(variable.reads, clock);
  if (other != nullptr) Report(*other);
  Advance(variable.writes, {event.task, clock.now(), next_, event.location}, clock);
  if (order_ == Order::kSchedulable) clock.TellInsteadOf(variable.last_write);
}

void HappensBefore::Tell(uint32_t task, Moments& moments) {
  TaskClock& clock = ClockOf(task);
  moments.Add(clock.Tell(), clock);
}

// Who writes comes after all that had the lock before, who reads after those that wrote.
void HappensBefore::Acquire(const TraceEvent& event) {
  TaskClock& clock = ClockOf(event.task);
  clock.Learn(At(locks_, event.operand));
  if (event.op != TraceOp::kAcquireRead && event.operand < read_releases_.size())
    clock.Learn(read_releases_[event.operand]);
}

void HappensBefore::ForgetVariables(uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count && i < variables_.size(); ++i) variables_[i] = {};
}

void HappensBefore::ForgetSync(uint32_t sync) {
  if (sync < syncs_.size()) syncs_[sync] = {};
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
      ClockOf(event.task).TellInsteadOf(At(locks_, event.operand));
      break;
    case TraceOp::kReleaseRead:
      Tell(event.task, At(read_releases_, event.operand));
      break;
    case TraceOp::kSignal:
      Tell(event.task, At(syncs_, event.operand));
      break;
    case TraceOp::kAwait:
      ClockOf(event.task).Learn(At(syncs_, event.operand));
      break;
    case TraceOp::kFork:
      ClockOf(std::max(event.task, event.operand));  // no reference may move below
      ClockOf(event.operand).Learn(ClockOf(event.task).Tell());
      break;
    case TraceOp::kJoin:
      ClockOf(std::max(event.task, event.operand));
      ClockOf(event.task).Learn(ClockOf(event.operand).Tell());
      break;
    default:
      break;  // orders nothing
  }
  ++next_;
}

}  // namespace stray::analyzer
