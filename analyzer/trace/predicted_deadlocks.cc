// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/predicted_deadlocks.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

// Acquires that are alike, in the order of the trace.
struct AbstractAcquire {
  uint32_t task;
  uint32_t lock;
  bool to_write;
  uint32_t held;  // number of the set
  std::vector<EventIndex> events;
};

// `wanted` waits for who has `held`.
bool IsBlocked(const AbstractAcquire& wanted, const HeldLock& held) {
  return held.lock == wanted.lock && (wanted.to_write || held.to_write);
}

// That wait, and with a lock held: others cannot be part of a circle.
std::vector<AbstractAcquire> AbstractAcquires(const TraceIndex& index) {
  std::map<std::tuple<uint32_t, uint32_t, bool, uint32_t>, std::vector<EventIndex>> groups;
  for (uint32_t task = 0; task < index.task_count(); ++task) {
    for (const EventIndex acquire : index.AcquiresOf(task)) {
      const TraceEvent& event = index.event(acquire);
      if (event.op != TraceOp::kTryAcquire && !index.HeldAt(acquire).empty())
        groups[{task, event.operand, event.op == TraceOp::kAcquire, index.HeldSetOf(acquire)}].push_back(
            acquire);
    }
  }
  std::vector<AbstractAcquire> all;
  for (auto& [key, events] : groups)
    all.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), std::move(events)});
  return all;
}

class Search {
 public:
  Search(const TraceIndex& index, const DeadlockOptions& options)
      : index_(index), options_(options), acquires_(AbstractAcquires(index)), closure_(index) {
    // Who wants a lock that `i` has may stand before it.
    wanting_.resize(index.trace().locks.size());
    for (size_t i = 0; i < acquires_.size(); ++i) wanting_[acquires_[i].lock].push_back(i);
  }

  PredictedDeadlocks Run() {
    for (length_ = 2; length_ <= options_.most_tasks; ++length_) {
      for (size_t first = 0; first < acquires_.size() && found_.is_complete; ++first) {
        circle_ = {first};
        Extend();
      }
    }
    return std::move(found_);
  }

 private:
  // Adds all that want what the newest one of the circle has: each circle is found once, from its first member
  // on.
  void Extend() {
    for (const HeldLock& held : index_.HeldSet(acquires_[circle_.back()].held)) {
      for (const size_t next : wanting_[held.lock]) {
        if (!found_.is_complete) return;
        if (next <= circle_.front() || !IsBlocked(acquires_[next], held) || !Fits(next)) continue;
        circle_.push_back(next);
        if (circle_.size() < length_) {
          Extend();
        } else if (WaitsFor(acquires_[circle_.front()], acquires_[next])) {
          Look();
        }
        circle_.pop_back();
      }
    }
  }

  bool WaitsFor(const AbstractAcquire& wanted, const AbstractAcquire& holder) const {
    const absl::Span<const HeldLock> held = index_.HeldSet(holder.held);
    return std::any_of(held.begin(), held.end(), [&](const HeldLock& one) { return IsBlocked(wanted, one); });
  }

  // With none of the circle does it share its task, its lock, or a lock that it has, unless to read. Two that
  // both have a lock to read and want to write are a circle in themselves, and no part of a longer one.
  bool Fits(size_t next) const {
    const AbstractAcquire& acquire = acquires_[next];
    return std::none_of(circle_.begin(), circle_.end(), [&](size_t i) {
      const AbstractAcquire& other = acquires_[i];
      return other.task == acquire.task || (other.lock == acquire.lock && length_ > 2) ||
             !CanBothBeHeld(index_.HeldSet(other.held), index_.HeldSet(acquire.held));
    });
  }

  // The first acquires of the pattern that can all be about to happen: those that the others need are passed.
  void Look() {
    if (closure_.steps() >= options_.most_steps) {
      found_.is_complete = false;
      return;
    }
    ++found_.patterns;
    std::vector<size_t> next(circle_.size(), 0);
    closure_.Clear();
    for (;;) {
      for (size_t i = 0; i < circle_.size(); ++i) closure_.IncludeBefore(acquires_[circle_[i]].events[next[i]]);
      closure_.Close();
      bool has_moved = false;
      for (size_t i = 0; i < circle_.size(); ++i) {
        const std::vector<EventIndex>& events = acquires_[circle_[i]].events;
        while (next[i] < events.size() && closure_.Contains(events[next[i]])) {
          ++next[i];
          has_moved = true;
        }
        if (next[i] == events.size()) return;
      }
      if (!has_moved) break;
    }
    // In the order in which each wants what the next one has.
    LockCircle circle;
    for (size_t i = circle_.size(); i-- > 0;) circle.push_back(acquires_[circle_[i]].events[next[i]]);
    std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
    found_.circles.push_back(std::move(circle));
  }

  const TraceIndex& index_;
  const DeadlockOptions options_;
  const std::vector<AbstractAcquire> acquires_;
  std::vector<std::vector<size_t>> wanting_;  // by lock
  std::vector<size_t> circle_;
  size_t length_ = 0;  // of the circles that are looked for
  SyncClosure closure_;
  PredictedDeadlocks found_;
};

}  // namespace

PredictedDeadlocks PredictDeadlocks(const TraceIndex& index, const DeadlockOptions& options) {
  return Search(index, options).Run();
}

}  // namespace stray::analyzer
