// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/lockset_hints.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "analyzer/trace/lockset.h"

namespace stray::analyzer {
namespace {

class HintSearch {
 public:
  HintSearch(const TraceIndex& index, const HintOptions& options)
      : index_(index),
        options_(options),
        is_suspect_(index.trace().variables.size(), false),
        has_locks_(index.trace().variables.size(), false) {}

  std::vector<AccessPair> Run(absl::FunctionRef<bool(uint32_t variable)> is_known) {
    if (!FindSuspects(is_known)) return {};
    const std::vector<TraceEvent>& events = index_.trace().events;
    for (EventIndex i = 0; i < events.size(); ++i) {
      const uint32_t variable = events[i].operand;
      if (IsAccess(events[i].op) && is_suspect_[variable] && has_locks_[variable]) Compare(i, last_[variable]);
    }
    std::vector<AccessPair> pairs;
    for (const auto& [places, pair] : pairs_) pairs.push_back(pair);
    std::sort(pairs.begin(), pairs.end(), [](const AccessPair& a, const AccessPair& b) {
      return std::make_pair(a.second, a.first) < std::make_pair(b.second, b.first);
    });
    if (pairs.size() > options_.most) pairs.resize(options_.most);
    return pairs;
  }

 private:
  // Variables that no lock always protects, though there is one at times. False: there are none.
  bool FindSuspects(absl::FunctionRef<bool(uint32_t variable)> is_known) {
    const std::vector<TraceEvent>& events = index_.trace().events;
    bool has_suspects = false;
    if (is_suspect_.empty()) return false;
    Lockset engine([&](const AccessPair& pair) {
      const uint32_t variable = events[pair.second].operand;
      if (is_suspect_[variable] || is_known(variable)) return;
      is_suspect_[variable] = true;
      has_suspects = true;
    });
    for (EventIndex i = 0; i < events.size(); ++i) {
      engine.Add(events[i]);
      if (IsAccess(events[i].op) && !index_.HeldAt(i).empty()) has_locks_[events[i].operand] = true;
    }
    return has_suspects;
  }

  bool IsAlike(EventIndex a, EventIndex b) const {
    return index_.event(a) == index_.event(b) && index_.HeldSetOf(a) == index_.HeldSetOf(b);
  }

  // `last`: accesses of the variable so far, the last one of each task, place, operation and set of locks: if
  // any of those is unordered, it is.
  void Compare(EventIndex later, std::vector<EventIndex>& last) {
    for (const EventIndex earlier : last) {
      if (!IsPair(earlier, later)) continue;
      pairs_.try_emplace(std::minmax(index_.event(earlier).location, index_.event(later).location),
                         AccessPair{earlier, later});
    }
    const auto same =
        std::find_if(last.begin(), last.end(), [&](EventIndex one) { return IsAlike(one, later); });
    if (same != last.end()) {
      *same = later;
    } else if (last.size() < options_.most_alike) {
      last.push_back(later);
    }
  }

  bool IsPair(EventIndex earlier, EventIndex later) const {
    const TraceEvent& a = index_.event(earlier);
    const TraceEvent& b = index_.event(later);
    return a.task != b.task && (a.op == TraceOp::kWrite || b.op == TraceOp::kWrite) &&
           CanBothBeHeld(index_.HeldAt(earlier), index_.HeldAt(later)) &&
           index_.NeedOf(later, a.task) < index_.PositionOf(earlier);
  }

  const TraceIndex& index_;
  const HintOptions options_;
  std::vector<bool> is_suspect_, has_locks_;                              // by variable
  absl::flat_hash_map<uint32_t, std::vector<EventIndex>> last_;           // by variable
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, AccessPair> pairs_;  // by places
};

}  // namespace

std::vector<AccessPair> FindLocksetHints(const TraceIndex& index,
                                         absl::FunctionRef<bool(uint32_t variable)> is_known,
                                         const HintOptions& options) {
  return HintSearch(index, options).Run(is_known);
}

}  // namespace stray::analyzer
