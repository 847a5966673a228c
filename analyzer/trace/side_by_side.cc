// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/side_by_side.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

// Events that are alike, in the order of the trace.
struct AlikeEvents {
  uint32_t task;
  uint32_t held;  // number of the set
  uint32_t location;
  TraceOp op;
  absl::Span<const EventIndex> events;
};

// The events that are meant, thing by thing and group by group.
class GroupedEvents {
 public:
  GroupedEvents(const TraceIndex& index, absl::FunctionRef<bool(const TraceEvent&)> is_meant) {
    for (EventIndex i = 0; i < index.trace().events.size(); ++i) {
      const TraceEvent& event = index.event(i);
      if (!is_meant(event)) continue;
      all_.push_back({event.operand, {event.task, event.op, index.HeldSetOf(i), event.location}, i});
    }
    std::sort(all_.begin(), all_.end());
    for (const Event& event : all_) events_.push_back(event.index);
  }

  // Calls `visit` with the groups of each thing.
  template <typename Visit>
  void ForEachThing(const Visit& visit) const {
    std::vector<AlikeEvents> groups;
    for (size_t from = 0; from < all_.size();) {
      const uint32_t thing = all_[from].thing;
      groups.clear();
      while (from < all_.size() && all_[from].thing == thing) from = AddGroup(from, groups);
      visit(groups);
    }
  }

 private:
  struct Key {
    uint32_t task;
    TraceOp op;
    uint32_t held;
    uint32_t location;
    auto operator<=>(const Key& other) const = default;
  };
  struct Event {
    uint32_t thing;
    Key key;
    EventIndex index;
    auto operator<=>(const Event& other) const = default;
  };

  // Returns the place behind it.
  size_t AddGroup(size_t from, std::vector<AlikeEvents>& groups) const {
    const Event& first = all_[from];
    size_t to = from;
    while (to < all_.size() && all_[to].thing == first.thing && all_[to].key == first.key) ++to;
    groups.push_back({first.key.task, first.key.held, first.key.location, first.key.op,
                      absl::MakeConstSpan(events_).subspan(from, to - from)});
    return to;
  }

  std::vector<Event> all_;
  std::vector<EventIndex> events_;  // of all_
};

class Search {
 public:
  Search(const TraceIndex& index, absl::FunctionRef<bool(TraceOp, TraceOp)> conflict, PairsWanted wanted)
      : index_(index), conflict_(conflict), wanted_(wanted), closure_(index) {}

  void Compare(const std::vector<AlikeEvents>& groups) {
    for (size_t i = 0; i < groups.size(); ++i) {
      for (size_t j = i + 1; j < groups.size(); ++j) {
        if (!CanMeet(groups[i], groups[j])) continue;
        Scan(groups[i], groups[j]);
        Scan(groups[j], groups[i]);
      }
    }
  }

  std::vector<AccessPair> Take() {
    std::sort(pairs_.begin(), pairs_.end(), [](const AccessPair& a, const AccessPair& b) {
      return std::make_pair(a.second, a.first) < std::make_pair(b.second, b.first);
    });
    return std::move(pairs_);
  }

 private:
  bool CanMeet(const AlikeEvents& a, const AlikeEvents& b) const {
    return a.task != b.task && conflict_(a.op, b.op) &&
           CanBothBeHeld(index_.HeldSet(a.held), index_.HeldSet(b.held));
  }

  bool IsKnown(const AlikeEvents& a, const AlikeEvents& b) const {
    return wanted_ == PairsWanted::kOneForPlaces && places_.contains(std::minmax(a.location, b.location));
  }

  // Pairs of an event of `first` with a later one of `second`. What is in the closure of one later event is
  // in those of all that follow, so each earlier one is passed once.
  void Scan(const AlikeEvents& first, const AlikeEvents& second) {
    if (IsKnown(first, second)) return;
    closure_.Clear();
    size_t next = 0;
    for (const EventIndex later : second.events) {
      if (next == first.events.size() || first.events[next] > later) continue;
      if (wanted_ == PairsWanted::kEverySecond && seconds_.contains(later)) continue;
      closure_.IncludeBefore(later);
      while (next < first.events.size() && first.events[next] < later) {
        const EventIndex earlier = first.events[next];
        if (!closure_.Contains(earlier)) {
          closure_.IncludeBefore(earlier);
          closure_.Close();
        }
        if (!closure_.Contains(earlier)) {
          Report({earlier, later});
          if (wanted_ == PairsWanted::kOneForPlaces) return;
          break;
        }
        ++next;
      }
    }
  }

  void Report(const AccessPair& pair) {
    pairs_.push_back(pair);
    seconds_.insert(pair.second);
    places_.insert(std::minmax(index_.event(pair.first).location, index_.event(pair.second).location));
  }

  const TraceIndex& index_;
  absl::FunctionRef<bool(TraceOp, TraceOp)> conflict_;
  const PairsWanted wanted_;
  SyncClosure closure_;
  std::vector<AccessPair> pairs_;
  absl::flat_hash_set<EventIndex> seconds_;
  absl::flat_hash_set<std::pair<uint32_t, uint32_t>> places_;
};

}  // namespace

std::vector<AccessPair> FindSideBySide(const TraceIndex& index,
                                       absl::FunctionRef<bool(const TraceEvent& event)> is_meant,
                                       absl::FunctionRef<bool(TraceOp a, TraceOp b)> conflict,
                                       PairsWanted wanted) {
  Search search(index, conflict, wanted);
  GroupedEvents(index, is_meant).ForEachThing([&](const std::vector<AlikeEvents>& groups) {
    search.Compare(groups);
  });
  return search.Take();
}

}  // namespace stray::analyzer
