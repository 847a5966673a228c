// SPDX-License-Identifier: Apache-2.0
// naive_engines.h: what the engines must find, by the definitions as they stand.
#ifndef STRAY_TESTS_UNIT_ANALYZER_TRACE_NAIVE_ENGINES_H_
#define STRAY_TESTS_UNIT_ANALYZER_TRACE_NAIVE_ENGINES_H_

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "analyzer/trace/happens_before.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

using Pairs = std::set<std::pair<EventIndex, EventIndex>>;

inline bool Conflict(const TraceEvent& a, const TraceEvent& b) {
  return IsAccess(a.op) && IsAccess(b.op) && a.operand == b.operand && a.task != b.task &&
         (a.op == TraceOp::kWrite || b.op == TraceOp::kWrite);
}

// One closes the channel that the other closes or sends to.
inline bool ConflictByClose(const TraceEvent& a, const TraceEvent& b) {
  const auto is_meant = [](TraceOp op) {
    return op == TraceOp::kSend || op == TraceOp::kTrySend || op == TraceOp::kClose;
  };
  return is_meant(a.op) && is_meant(b.op) && a.operand == b.operand && a.task != b.task &&
         (a.op == TraceOp::kClose || b.op == TraceOp::kClose);
}

// One sends to a channel, the other receives from it.
inline bool CanMeet(const TraceEvent& a, const TraceEvent& b) {
  return a.operand == b.operand && a.task != b.task &&
         ((IsSend(a.op) && IsReceive(b.op)) || (IsSend(b.op) && IsReceive(a.op)));
}

// The earlier release `a` lets the later acquire `b` go on.
inline bool IsHandedOver(const TraceEvent& a, const TraceEvent& b) {
  const bool is_pair = (a.op == TraceOp::kRelease && IsAcquire(b.op)) ||
                       (a.op == TraceOp::kReleaseRead && IsAcquire(b.op) && b.op != TraceOp::kAcquireRead);
  return is_pair && a.operand == b.operand;
}

// Which events happen before which. Up to 64 events.
class NaiveHappensBefore {
 public:
  NaiveHappensBefore(const Trace& trace, HappensBefore::Order order) : trace_(trace) {
    std::vector<EventIndex> last_writes(trace.variables.size(), kNoEvent);
    for (EventIndex i = 0; i < trace.events.size(); ++i) {
      const TraceEvent& event = trace.events[i];
      uint64_t before = 0;
      for (EventIndex earlier = 0; earlier < i; ++earlier) {
        if (IsOrdered(trace.events[earlier], event)) before |= known_[earlier];
      }
      before_.push_back(before);
      if (event.op == TraceOp::kWrite) last_writes[event.operand] = i;
      const EventIndex write = event.op == TraceOp::kRead ? last_writes[event.operand] : kNoEvent;
      if (write != kNoEvent && order == HappensBefore::Order::kSchedulable) before |= known_[write];
      known_.push_back(before | uint64_t{1} << i);
    }
  }

  // Accesses that an earlier one, with which they conflict, does not happen before.
  std::set<EventIndex> LaterAccesses() const {
    std::set<EventIndex> accesses;
    for (EventIndex later = 0; later < trace_.events.size(); ++later) {
      for (EventIndex earlier = 0; earlier < later; ++earlier) {
        const bool is_ordered = (before_[later] >> earlier & 1) != 0;
        if (!is_ordered && Conflict(trace_.events[earlier], trace_.events[later])) accesses.insert(later);
      }
    }
    return accesses;
  }

 private:
  static bool IsOrdered(const TraceEvent& a, const TraceEvent& b) {
    return a.task == b.task || IsHandedOver(a, b) || (a.op == TraceOp::kFork && a.operand == b.task) ||
           (b.op == TraceOp::kJoin && b.operand == a.task) ||
           (a.op == TraceOp::kFork && b.op == TraceOp::kJoin && a.operand == b.operand) ||
           (a.op == TraceOp::kSignal && b.op == TraceOp::kAwait && a.operand == b.operand);
  }

  const Trace& trace_;
  std::vector<uint64_t> before_;  // by event: a set, when it is compared
  std::vector<uint64_t> known_;   // and with what it learns, and itself
};

// The closure by its rules, one after the other, on a set of events.
class NaiveClosure {
 public:
  NaiveClosure(const TraceIndex& index, const std::vector<EventIndex>& next) : index_(index) {
    for (const EventIndex event : next) {
      if (index.Before(event) != kNoEvent) in_.insert(index.Before(event));
    }
    while (Grow()) {
    }
  }

  bool Contains(EventIndex event) const { return in_.contains(event); }

 private:
  bool Put(EventIndex event) { return event != kNoEvent && in_.insert(event).second; }

  bool PutNeedsOf(EventIndex event) {
    bool has_grown = Put(index_.Before(event));
    const TraceEvent& what = index_.event(event);
    if (what.op == TraceOp::kRead) has_grown |= Put(index_.WriteOf(event));
    if (what.op == TraceOp::kJoin) {
      const auto child = index_.EventsOf(what.operand);
      has_grown |= Put(child.empty() ? index_.ForkOf(what.operand) : child.back());
    }
    if (GetsFromSync(what.op)) {
      for (EventIndex earlier = 0; earlier < event; ++earlier) {
        if (GivesToSync(index_.event(earlier).op) && index_.event(earlier).operand == what.operand)
          has_grown |= Put(earlier);
      }
    }
    return has_grown;
  }

  static bool ExcludeEachOther(const TraceEvent& a, const TraceEvent& b) {
    return IsAcquire(a.op) && IsAcquire(b.op) && a.operand == b.operand && a.task != b.task &&
           (a.op != TraceOp::kAcquireRead || b.op != TraceOp::kAcquireRead);
  }

  bool Grow() {
    const std::set<EventIndex> now = in_;
    bool has_grown = false;
    for (const EventIndex event : now) {
      has_grown |= PutNeedsOf(event);
      for (const EventIndex later : now) {
        if (event < later && ExcludeEachOther(index_.event(event), index_.event(later)))
          has_grown |= Put(index_.MatchOf(event));
      }
    }
    return has_grown;
  }

  const TraceIndex& index_;
  std::set<EventIndex> in_;
};

// How much of each task each event needs.
inline std::vector<std::vector<uint32_t>> NaiveNeeds(const TraceIndex& index) {
  std::vector<std::vector<uint32_t>> needs;
  for (EventIndex i = 0; i < index.trace().events.size(); ++i) {
    const TraceEvent& event = index.event(i);
    std::vector<uint32_t>& mine = needs.emplace_back(index.task_count(), 0);
    const auto need = [&](EventIndex earlier) {
      for (uint32_t task = 0; task < mine.size(); ++task)
        mine[task] = std::max(mine[task], needs[earlier][task]);
    };
    for (EventIndex earlier = 0; earlier < i; ++earlier) {
      const TraceEvent& other = index.event(earlier);
      if (other.task == event.task || (event.op == TraceOp::kJoin && event.operand == other.task))
        need(earlier);
      if (other.op == TraceOp::kFork && other.operand == event.task) need(earlier);
      if (other.op == TraceOp::kFork && event.op == TraceOp::kJoin && other.operand == event.operand)
        need(earlier);
      if (GivesToSync(other.op) && GetsFromSync(event.op) && other.operand == event.operand) need(earlier);
      if (event.op == TraceOp::kRead && index.WriteOf(i) == earlier) need(earlier);
    }
    mine[event.task] = index.PositionOf(i);
  }
  return needs;
}

inline Pairs NaiveRaces(const TraceIndex& index) {
  Pairs races;
  const std::vector<TraceEvent>& events = index.trace().events;
  for (EventIndex second = 0; second < events.size(); ++second) {
    for (EventIndex first = 0; first < second; ++first) {
      if (!Conflict(events[first], events[second])) continue;
      const NaiveClosure closure(index, {first, second});
      if (!closure.Contains(first) && !closure.Contains(second)) races.insert({first, second});
    }
  }
  return races;
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_TRACE_NAIVE_ENGINES_H_
