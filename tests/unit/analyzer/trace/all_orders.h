// SPDX-License-Identifier: Apache-2.0
// all_orders.h: what a search through all orders of the events of a trace finds.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_ALL_ORDERS_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_ALL_ORDERS_H_

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "analyzer/trace/trace_index.h"
#include "tests/unit/analyzer/trace/naive_engines.h"

namespace stray::analyzer {

// What a circle is made of: task, lock, operation and the locks held, from the smallest on.
using Pattern = std::vector<std::tuple<uint32_t, uint32_t, TraceOp, std::vector<HeldLock>>>;

inline Pattern PatternOf(const TraceIndex& index, std::vector<EventIndex> circle) {
  Pattern pattern;
  for (const EventIndex event : circle) {
    const auto held = index.HeldAt(event);
    pattern.emplace_back(index.event(event).task, index.event(event).operand, index.event(event).op,
                         std::vector<HeldLock>(held.begin(), held.end()));
  }
  std::rotate(pattern.begin(), std::min_element(pattern.begin(), pattern.end()), pattern.end());
  return pattern;
}

// All orders of the events in which critical sections of a lock keep theirs, one state after the other.
class AllOrders {
 public:
  explicit AllOrders(const TraceIndex& index) : index_(index), trace_(index.trace()) {
    state_.done.assign(index.task_count(), 0);
    Visit();
  }

  const Pairs& races() const { return races_; }
  const std::set<Pattern>& deadlocks() const { return deadlocks_; }
  // Sends and closes of one channel that are next together.
  const Pairs& closes() const { return closes_; }
  // Sends and receives of one channel that are next together.
  const Pairs& meetings() const { return meetings_; }
  // Wait groups of which a done is next while as many have been as adds.
  const std::set<uint32_t>& negatives() const { return negatives_; }

 private:
  struct Hold {
    uint32_t writes = 0, reads = 0;
    auto operator<=>(const Hold& other) const = default;
  };
  struct Lock {
    std::map<uint32_t, Hold> holds;            // by task
    EventIndex next_write = 0, next_read = 0;  // what comes before these in the trace is too late
    auto operator<=>(const Lock& other) const = default;
  };
  struct State {
    std::vector<uint32_t> done;             // by task
    std::map<uint32_t, EventIndex> memory;  // last write, by variable
    std::map<uint32_t, Lock> locks;

    auto operator<=>(const State& other) const = default;
  };

  bool IsDone(EventIndex event) const {
    return state_.done[index_.event(event).task] >= index_.PositionOf(event);
  }

  EventIndex NextOf(uint32_t task) const {
    const auto events = index_.EventsOf(task);
    const EventIndex fork = index_.ForkOf(task);
    return (fork == kNoEvent || IsDone(fork)) && state_.done[task] < events.size() ? events[state_.done[task]]
                                                                                   : kNoEvent;
  }

  // Who has what the acquire `event` wants.
  std::vector<uint32_t> HoldersAgainst(EventIndex event) const {
    std::vector<uint32_t> holders;
    const TraceEvent& what = trace_.events[event];
    const auto lock = state_.locks.find(what.operand);
    if (lock == state_.locks.end()) return holders;
    for (const auto& [task, hold] : lock->second.holds) {
      const bool is_in_the_way = hold.writes != 0 || (hold.reads != 0 && what.op != TraceOp::kAcquireRead);
      if (task != what.task && is_in_the_way) holders.push_back(task);
    }
    return holders;
  }

  bool Acquire(EventIndex event) {
    if (!HoldersAgainst(event).empty()) return false;
    const TraceEvent& what = trace_.events[event];
    Lock& lock = state_.locks[what.operand];
    Hold& hold = lock.holds[what.task];
    if (what.op == TraceOp::kAcquireRead) {
      if (hold.reads++ != 0) return true;
      if (event < lock.next_read) return false;
      lock.next_write = std::max(lock.next_write, event);
    } else {
      if (hold.writes++ != 0) return true;
      if (event < lock.next_write) return false;
      lock.next_write = lock.next_read = event;
    }
    return true;
  }

  void Release(const TraceEvent& what) {
    std::map<uint32_t, Hold>& holds = state_.locks[what.operand].holds;
    Hold& hold = holds[what.task];
    --(what.op == TraceOp::kReleaseRead ? hold.reads : hold.writes);
    if (hold == Hold()) holds.erase(what.task);
  }

  bool CanJoin(uint32_t task) const {
    const EventIndex fork = index_.ForkOf(task);
    return state_.done[task] == index_.EventsOf(task).size() && (fork == kNoEvent || IsDone(fork));
  }

  bool HasAllThatItGets(EventIndex event) const {
    for (EventIndex earlier = 0; earlier < event; ++earlier) {
      const TraceEvent& what = trace_.events[earlier];
      if (GivesToSync(what.op) && what.operand == trace_.events[event].operand && !IsDone(earlier))
        return false;
    }
    return true;
  }

  // Goes on with `event`. False: it cannot happen here.
  bool Do(EventIndex event) {
    const TraceEvent& what = trace_.events[event];
    if (IsAcquire(what.op) && !Acquire(event)) return false;
    if (what.op == TraceOp::kRelease || what.op == TraceOp::kReleaseRead) Release(what);
    if (what.op == TraceOp::kWrite) state_.memory[what.operand] = event;
    if (what.op == TraceOp::kRead) {
      const auto write = state_.memory.find(what.operand);
      if ((write == state_.memory.end() ? kNoEvent : write->second) != index_.WriteOf(event)) return false;
    }
    if (what.op == TraceOp::kJoin && !CanJoin(what.operand)) return false;
    if (GetsFromSync(what.op) && !HasAllThatItGets(event)) return false;
    ++state_.done[what.task];
    return true;
  }

  void Visit() {
    if (!seen_.insert(state_).second) return;
    Look();
    for (uint32_t task = 0; task < state_.done.size(); ++task) {
      const EventIndex next = NextOf(task);
      if (next == kNoEvent) continue;
      const State before = state_;
      if (Do(next)) Visit();
      state_ = before;
    }
  }

  void Look() {
    std::vector<EventIndex> next;
    for (uint32_t task = 0; task < state_.done.size(); ++task) next.push_back(NextOf(task));
    for (const EventIndex a : next) {
      for (const EventIndex b : next) {
        if (a != kNoEvent && b != kNoEvent && a < b && Conflict(trace_.events[a], trace_.events[b]))
          races_.insert({a, b});
        if (a != kNoEvent && b != kNoEvent && a < b && ConflictByClose(trace_.events[a], trace_.events[b]))
          closes_.insert({a, b});
        if (a != kNoEvent && b != kNoEvent && a < b && CanMeet(trace_.events[a], trace_.events[b]))
          meetings_.insert({a, b});
      }
      if (a != kNoEvent && trace_.events[a].op == TraceOp::kDone && CounterOf(trace_.events[a].operand) <= 0)
        negatives_.insert(trace_.events[a].operand);
    }
    for (uint32_t task = 0; task < next.size(); ++task) {
      std::vector<EventIndex> circle;
      FollowWaits(task, task, next, circle);
    }
  }

  int CounterOf(uint32_t group) const {
    int counter = 0;
    for (EventIndex event = 0; event < trace_.events.size(); ++event) {
      const TraceEvent& what = trace_.events[event];
      if (!IsOfGroup(what.op) || what.operand != group || !IsDone(event)) continue;
      counter += what.op == TraceOp::kAdd ? 1 : -1;
    }
    return counter;
  }

  // All circles from `first` on, in which `task` is the last one so far.
  void FollowWaits(uint32_t task, uint32_t first, const std::vector<EventIndex>& next,
                   std::vector<EventIndex>& circle) {
    const EventIndex event = next[task];
    if (event == kNoEvent || !IsAcquire(trace_.events[event].op)) return;
    if (trace_.events[event].op == TraceOp::kTryAcquire) return;  // does not wait
    circle.push_back(event);
    for (const uint32_t holder : HoldersAgainst(event)) {
      if (holder == first) {
        AddCircle(circle);
      } else if (std::none_of(circle.begin(), circle.end(),
                              [&](EventIndex other) { return trace_.events[other].task == holder; })) {
        FollowWaits(holder, first, next, circle);
      }
    }
    circle.pop_back();
  }

  // Where two want the same lock, of several that read it, the circle has a shorter one in it.
  void AddCircle(const std::vector<EventIndex>& circle) {
    std::set<uint32_t> locks;
    for (const EventIndex event : circle) locks.insert(trace_.events[event].operand);
    if (circle.size() == 2 || locks.size() == circle.size()) deadlocks_.insert(PatternOf(index_, circle));
  }

  const TraceIndex& index_;
  const Trace& trace_;
  State state_;
  std::set<State> seen_;
  Pairs races_;
  std::set<Pattern> deadlocks_;
  Pairs closes_, meetings_;
  std::set<uint32_t> negatives_;
};

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_ALL_ORDERS_H_
