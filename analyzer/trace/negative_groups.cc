// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/negative_groups.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

constexpr uint32_t kNobody = UINT32_MAX;

using Lists = std::vector<std::vector<EventIndex>>;  // by task

// What is done to one wait group.
struct GroupUse {
  Lists adds, dones;
  absl::flat_hash_map<uint32_t, size_t> add_list, done_list;  // by task

  static void Put(Lists& lists, absl::flat_hash_map<uint32_t, size_t>& list_of, uint32_t task,
                  EventIndex event) {
    const auto [it, is_new] = list_of.try_emplace(task, lists.size());
    if (is_new) lists.emplace_back();
    lists[it->second].push_back(event);
  }
};

// Dones and the adds that each of them needs: of each task that adds, so many of its first ones.
class Matching {
 public:
  explicit Matching(const Lists& adds) {
    for (const std::vector<EventIndex>& list : adds) {
      first_.push_back(static_cast<uint32_t>(taken_by_.size()));
      taken_by_.resize(taken_by_.size() + list.size(), kNobody);
      for (uint32_t count = 0; count <= list.size(); ++count) free_.push_back(count);
    }
    reached_.assign(taken_by_.size(), 0);
  }

  // `needs`: by task that adds, how many of its first ones.
  void AddDone(EventIndex done, std::vector<uint32_t> needs) {
    dones_.push_back({.event = done, .needs = std::move(needs)});
  }

  // Dones that need fewer adds come first: most then find one that is free.
  void Sort() {
    std::sort(dones_.begin(), dones_.end(), [](const Done& a, const Done& b) {
      const auto sum = [](const Done& done) {
        return std::accumulate(done.needs.begin(), done.needs.end(), uint64_t{0});
      };
      return std::make_pair(sum(a), a.event) < std::make_pair(sum(b), b.event);
    });
  }

  uint32_t size() const { return static_cast<uint32_t>(dones_.size()); }
  EventIndex EventOf(uint32_t done) const { return dones_[done].event; }
  uint64_t steps() const { return steps_; }

  bool IsFinal(uint32_t done) const { return dones_[done].is_final; }
  // It needs more of them than was said before, and no more than this.
  void Raise(uint32_t done, std::vector<uint32_t> needs) {
    dones_[done].needs = std::move(needs);
    dones_[done].is_final = true;
  }

  // Gives the done an add, or returns those that have too few together, it among them.
  std::vector<uint32_t> Match(uint32_t done) {
    if (TakeFree(done)) return {};
    ++round_;
    std::vector<uint32_t> queue = {done};  // of dones, each reached by the add that it has
    std::vector<uint32_t> from = {kNobody};
    for (size_t next = 0; next < queue.size(); ++next) {
      const std::optional<uint32_t> add = FindFree(next, queue, from);
      if (add.has_value()) {
        Shift(*add, next, queue, from);
        return {};
      }
    }
    return queue;
  }

 private:
  struct Done {
    EventIndex event;
    std::vector<uint32_t> needs;
    uint32_t add = kNobody;
    bool is_final = false;
  };

  // The last free add at or before the `count`-th of a task, from 1; 0: there is none. Shortens its way.
  uint32_t LastFree(size_t list, uint32_t count) {
    uint32_t* const links = &free_[first_[list] + list];
    uint32_t at = count;
    while (links[at] != at) at = links[at] = links[links[at]];
    return at;
  }

  void Take(uint32_t done, size_t list, uint32_t count) {
    const uint32_t add = first_[list] + count - 1;
    taken_by_[add] = done;
    dones_[done].add = add;
    free_[first_[list] + list + count] = count - 1;
  }

  bool TakeFree(uint32_t done) {
    for (size_t list = 0; list < first_.size(); ++list) {
      ++steps_;
      const uint32_t count = LastFree(list, dones_[done].needs[list]);
      if (count == 0) continue;
      Take(done, list, count);
      return true;
    }
    return false;
  }

  // An add that is free, among those of the done at `next`. Those that are not lead on to who has them.
  std::optional<uint32_t> FindFree(size_t next, std::vector<uint32_t>& queue, std::vector<uint32_t>& from) {
    for (size_t list = 0; list < first_.size(); ++list) {
      const uint32_t end = first_[list] + dones_[queue[next]].needs[list];
      for (uint32_t add = first_[list]; add < end; ++add) {
        ++steps_;
        if (reached_[add] == round_) continue;
        reached_[add] = round_;
        if (taken_by_[add] == kNobody) return add;
        queue.push_back(taken_by_[add]);
        from.push_back(static_cast<uint32_t>(next));
      }
    }
    return std::nullopt;
  }

  // Each done on the way takes the add of the one that it led to.
  void Shift(uint32_t add, size_t last, const std::vector<uint32_t>& queue, const std::vector<uint32_t>& from) {
    const size_t list =
        static_cast<size_t>(std::upper_bound(first_.begin(), first_.end(), add) - first_.begin() - 1);
    free_[add + list + 1] = add - first_[list];
    for (auto at = static_cast<uint32_t>(last); at != kNobody; at = from[at]) {
      std::swap(dones_[queue[at]].add, add);
      taken_by_[dones_[queue[at]].add] = queue[at];
    }
  }

  std::vector<Done> dones_;
  std::vector<uint32_t> first_;     // by task that adds: its first add
  std::vector<uint32_t> taken_by_;  // by add: a done
  std::vector<uint32_t> free_;      // by task and number of an add there, from 1: itself, or one before it
  std::vector<uint32_t> reached_;   // by add: in which round
  uint32_t round_ = 0;
  uint64_t steps_ = 0;
};

class GroupSearch {
 public:
  GroupSearch(const TraceIndex& index, const GroupOptions& options)
      : index_(index), closure_(index), most_steps_(options.most_steps) {}

  NegativeGroups Run() {
    std::vector<GroupUse> uses(index_.trace().groups.size());
    for (EventIndex i = 0; i < index_.trace().events.size(); ++i) {
      const TraceEvent& event = index_.event(i);
      if (event.op != TraceOp::kAdd && event.op != TraceOp::kDone) continue;
      GroupUse& use = uses[event.operand];
      if (event.op == TraceOp::kAdd) GroupUse::Put(use.adds, use.add_list, event.task, i);
      if (event.op == TraceOp::kDone) GroupUse::Put(use.dones, use.done_list, event.task, i);
    }
    for (uint32_t group = 0; group < uses.size() && result_.is_complete; ++group) Look(group, uses[group]);
    return std::move(result_);
  }

 private:
  // What follows from forks, joins, syncs and reads alone is there already, and mostly enough. Sections of
  // locks may need more.
  void Look(uint32_t group, const GroupUse& use) {
    Matching matching(use.adds);
    for (const std::vector<EventIndex>& dones : use.dones) {
      for (const EventIndex done : dones) {
        if (!Count(use.adds.size())) return;
        matching.AddDone(done, NeedsOf(use, done));
      }
    }
    matching.Sort();
    for (uint32_t done = 0; done < matching.size(); ++done) {
      const uint64_t before = matching.steps() + closure_.steps();
      const bool is_negative = !Settle(group, use, done, matching);
      if (!Count(matching.steps() + closure_.steps() - before) || is_negative) return;
    }
  }

  // False: the group is found.
  bool Settle(uint32_t group, const GroupUse& use, uint32_t done, Matching& matching) {
    for (;;) {
      const std::vector<uint32_t> too_many = matching.Match(done);
      if (too_many.empty()) return true;
      std::vector<EventIndex> dones;
      for (const uint32_t one : too_many) dones.push_back(matching.EventOf(one));
      std::sort(dones.begin(), dones.end());
      closure_.Clear();
      for (const EventIndex one : dones) closure_.Include(one);
      closure_.Close();
      if (CountIn(use.dones) > CountIn(use.adds)) {
        result_.found.push_back({group, std::move(dones), LateAdd(use)});
        return false;
      }
      if (!RaiseNeeds(use, too_many, matching)) return true;
    }
  }

  // False: that was done before.
  bool RaiseNeeds(const GroupUse& use, const std::vector<uint32_t>& dones, Matching& matching) {
    bool has_raised = false;
    for (const uint32_t done : dones) {
      if (matching.IsFinal(done)) continue;
      has_raised = true;
      closure_.Clear();
      closure_.IncludeBefore(matching.EventOf(done));
      closure_.Close();
      std::vector<uint32_t> needs;
      for (const std::vector<EventIndex>& adds : use.adds) needs.push_back(CountIn(adds));
      matching.Raise(done, std::move(needs));
    }
    return has_raised;
  }

  std::vector<uint32_t> NeedsOf(const GroupUse& use, EventIndex done) const {
    std::vector<uint32_t> needs;
    const uint32_t task = index_.event(done).task;
    for (const std::vector<EventIndex>& adds : use.adds) {
      const uint32_t other = index_.event(adds.front()).task;
      const uint32_t limit = other == task ? index_.PositionOf(done) : index_.NeedOf(done, other);
      const auto end = std::partition_point(adds.begin(), adds.end(),
                                            [&](EventIndex add) { return index_.PositionOf(add) <= limit; });
      needs.push_back(static_cast<uint32_t>(end - adds.begin()));
    }
    return needs;
  }

  // False: that is enough.
  bool Count(uint64_t steps) {
    steps_ += steps;
    return result_.is_complete = steps_ < most_steps_;
  }

  // Those of one task that are in the closure.
  uint32_t CountIn(const std::vector<EventIndex>& list) const {
    const auto end = std::partition_point(list.begin(), list.end(),
                                          [this](EventIndex event) { return closure_.Contains(event); });
    return static_cast<uint32_t>(end - list.begin());
  }
  size_t CountIn(const Lists& lists) const {
    size_t count = 0;
    for (const std::vector<EventIndex>& list : lists) count += CountIn(list);
    return count;
  }

  EventIndex LateAdd(const GroupUse& use) const {
    EventIndex late = kNoEvent;
    for (const std::vector<EventIndex>& list : use.adds) {
      if (const uint32_t count = CountIn(list); count < list.size()) late = std::min(late, list[count]);
    }
    return late;
  }

  const TraceIndex& index_;
  SyncClosure closure_;
  const uint64_t most_steps_;
  uint64_t steps_ = 0;
  NegativeGroups result_;
};

}  // namespace

NegativeGroups FindNegativeGroups(const TraceIndex& index, const GroupOptions& options) {
  return GroupSearch(index, options).Run();
}

}  // namespace stray::analyzer
