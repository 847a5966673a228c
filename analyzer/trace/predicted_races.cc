// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/predicted_races.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

// Accesses that are alike, in the order of the trace.
struct AccessGroup {
  uint32_t task;
  uint32_t held;  // number of the set
  uint32_t location;
  bool writes;
  absl::Span<const EventIndex> events;
};

// The accesses of a trace to variables that several tasks use, at least one to write: variable by variable and
// group by group.
class SharedAccesses {
 public:
  explicit SharedAccesses(const TraceIndex& index) : index_(index) {
    const std::vector<bool> is_shared = SharedVariables();
    for (EventIndex i = 0; i < index.trace().events.size(); ++i) {
      const TraceEvent& event = index.event(i);
      if (!IsAccess(event.op) || !is_shared[event.operand]) continue;
      accesses_.push_back(
          {event.operand, {event.task, event.op == TraceOp::kWrite, index.HeldSetOf(i), event.location}, i});
    }
    std::sort(accesses_.begin(), accesses_.end());
    for (const Access& access : accesses_) events_.push_back(access.event);
  }

  // Calls `visit` with the groups of each variable.
  template <typename Visit>
  void ForEachVariable(const Visit& visit) const {
    std::vector<AccessGroup> groups;
    for (size_t from = 0; from < accesses_.size();) {
      const uint32_t variable = accesses_[from].variable;
      groups.clear();
      while (from < accesses_.size() && accesses_[from].variable == variable) from = AddGroup(from, groups);
      visit(groups);
    }
  }

 private:
  struct Key {
    uint32_t task;
    bool writes;
    uint32_t held;
    uint32_t location;
    auto operator<=>(const Key& other) const = default;
  };
  struct Access {
    uint32_t variable;
    Key key;
    EventIndex event;
    auto operator<=>(const Access& other) const = default;
  };

  std::vector<bool> SharedVariables() const {
    constexpr uint32_t kNone = UINT32_MAX, kSeveral = UINT32_MAX - 1;
    const size_t count = index_.trace().variables.size();
    std::vector<uint32_t> users(count, kNone);
    std::vector<bool> is_shared(count, false);
    for (const TraceEvent& event : index_.trace().events) {
      if (!IsAccess(event.op)) continue;
      uint32_t& user = users[event.operand];
      user = user == kNone || user == event.task ? event.task : kSeveral;
      if (event.op == TraceOp::kWrite) is_shared[event.operand] = true;
    }
    for (size_t i = 0; i < count; ++i) is_shared[i] = is_shared[i] && users[i] == kSeveral;
    return is_shared;
  }

  // Returns the place behind it.
  size_t AddGroup(size_t from, std::vector<AccessGroup>& groups) const {
    const Access& first = accesses_[from];
    size_t to = from;
    while (to < accesses_.size() && accesses_[to].variable == first.variable && accesses_[to].key == first.key)
      ++to;
    groups.push_back({first.key.task, first.key.held, first.key.location, first.key.writes,
                      absl::MakeConstSpan(events_).subspan(from, to - from)});
    return to;
  }

  const TraceIndex& index_;
  std::vector<Access> accesses_;
  std::vector<EventIndex> events_;  // of accesses_
};

class Search {
 public:
  Search(const TraceIndex& index, RacesWanted wanted) : index_(index), wanted_(wanted), closure_(index) {}

  void Compare(const std::vector<AccessGroup>& groups) {
    for (size_t i = 0; i < groups.size(); ++i) {
      for (size_t j = i + 1; j < groups.size(); ++j) {
        if (!CanRace(groups[i], groups[j])) continue;
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
  bool CanRace(const AccessGroup& a, const AccessGroup& b) const {
    return a.task != b.task && (a.writes || b.writes) &&
           CanBothBeHeld(index_.HeldSet(a.held), index_.HeldSet(b.held));
  }

  bool IsKnown(const AccessGroup& a, const AccessGroup& b) const {
    return wanted_ == RacesWanted::kOneForPlaces && places_.contains(std::minmax(a.location, b.location));
  }

  // Pairs of an access of `first` with a later one of `second`. What is in the closure of one later access is
  // in those of all that follow, so each earlier one is passed once.
  void Scan(const AccessGroup& first, const AccessGroup& second) {
    if (IsKnown(first, second)) return;
    closure_.Clear();
    size_t next = 0;
    for (const EventIndex later : second.events) {
      if (next == first.events.size() || first.events[next] > later) continue;
      if (wanted_ == RacesWanted::kEverySecond && seconds_.contains(later)) continue;
      closure_.IncludeBefore(later);
      while (next < first.events.size() && first.events[next] < later) {
        const EventIndex earlier = first.events[next];
        if (!closure_.Contains(earlier)) {
          closure_.IncludeBefore(earlier);
          closure_.Close();
        }
        if (!closure_.Contains(earlier)) {
          Report({earlier, later});
          if (wanted_ == RacesWanted::kOneForPlaces) return;
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
  const RacesWanted wanted_;
  SyncClosure closure_;
  std::vector<AccessPair> pairs_;
  absl::flat_hash_set<EventIndex> seconds_;
  absl::flat_hash_set<std::pair<uint32_t, uint32_t>> places_;
};

}  // namespace

std::vector<AccessPair> PredictRaces(const TraceIndex& index, RacesWanted wanted) {
  Search search(index, wanted);
  SharedAccesses(index).ForEachVariable(
      [&](const std::vector<AccessGroup>& groups) { search.Compare(groups); });
  return search.Take();
}

}  // namespace stray::analyzer
