// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/life_order.h"

#include "absl/container/flat_hash_set.h"

namespace stray::analyzer {
namespace {

// What a goroutine knows, and when, at its first or last operation of a span.
struct Moment {
  uint64_t clock;
  uint64_t acquired;
};

// Neither can have learnt of the other.
bool AreApart(const Moment& a, const Moment& b) { return a.acquired <= b.clock && b.acquired <= a.clock; }

bool AreApart(const wire::Sighting& a, const wire::Sighting& b) {
  const Moment of_a[] = {{a.first_clock(), a.first_acquired()}, {a.last_clock(), a.last_acquired()}};
  const Moment of_b[] = {{b.first_clock(), b.first_acquired()}, {b.last_clock(), b.last_acquired()}};
  for (const Moment& one : of_a) {
    for (const Moment& other : of_b) {
      if (AreApart(one, other)) return true;
    }
  }
  return false;
}

}  // namespace

LifeOrder::LifeOrder(const ProcessModel& process) : process_(process) {
  for (const wire::Task& task : process.tasks) {
    if (task.parent() != 0 && task.create_life() != 0) {
      children_[task.parent()].push_back({task.id(), task.create_life()});
    }
    if (task.joined_by() != 0 && task.join_life() != 0)
      joins_[task.id()] = {task.joined_by(), task.join_life()};
  }
}

const LifeOrder::Reach& LifeOrder::ReachOf(uint32_t task, uint32_t epoch) {
  auto [known, is_new] = reaches_.try_emplace({task, epoch});
  Reach& reach = known->second;
  if (!is_new) return reach;
  std::vector<std::pair<uint32_t, uint32_t>> queue;  // tasks, and the epoch from which on they come after
  auto add = [&](uint32_t next, uint32_t from) {
    auto [it, added] = reach.try_emplace(next, from);
    if (!added && it->second <= from) return;
    it->second = from;
    queue.emplace_back(next, from);
  };
  auto follow = [&](uint32_t from_task, uint32_t from_epoch, bool only_later) {
    auto children = children_.find(from_task);
    if (children != children_.end()) {
      for (const Child& child : children->second) {
        // In the epoch of the point itself the point may come after the creation that began the epoch.
        if (only_later ? child.create_life > from_epoch : child.create_life >= from_epoch) add(child.task, 0);
      }
    }
    auto join = joins_.find(from_task);
    if (join != joins_.end()) add(join->second.by, join->second.life);
  };
  follow(task, epoch, true);
  for (size_t next = 0; next < queue.size(); ++next) {
    const auto [reached, from] = queue[next];
    follow(reached, from, false);
  }
  return reach;
}

bool LifeOrder::IsBefore(uint32_t task, uint32_t epoch, uint32_t other, uint32_t other_epoch) {
  const Reach& reach = ReachOf(task, epoch);
  auto it = reach.find(other);
  return it != reach.end() && it->second <= other_epoch;
}

bool LifeOrder::IsTraced(uint32_t task) {
  auto [known, is_new] = traced_.try_emplace(task, true);
  if (!is_new) return known->second;
  std::vector<uint32_t> asked = {task};
  absl::flat_hash_set<uint32_t> seen = {task, 0};
  for (size_t next = 0; next < asked.size(); ++next) {
    const wire::Task* record = process_.FindTask(asked[next]);
    if (record == nullptr) return known->second = false;
    for (uint32_t other : {record->parent(), record->joined_by()}) {
      if (seen.insert(other).second) asked.push_back(other);
    }
  }
  return true;
}

Overlap LifeOrder::OverlapOf(const LifeSpan& a, const LifeSpan& b) {
  if (a.task == b.task) return Overlap::kNever;
  if (IsBefore(a.task, a.last, b.task, b.first) || IsBefore(b.task, b.last, a.task, a.first))
    return Overlap::kNever;
  const bool a_around_b =
      IsBefore(a.task, a.first, b.task, b.first) && IsBefore(b.task, b.last, a.task, a.last);
  const bool b_around_a =
      IsBefore(b.task, b.first, a.task, a.first) && IsBefore(a.task, a.last, b.task, b.last);
  if (!IsTraced(a.task) || !IsTraced(b.task)) return Overlap::kUnknown;
  if ((a.seen != nullptr || b.seen != nullptr) &&
      (a.seen == nullptr || b.seen == nullptr || !AreApart(*a.seen, *b.seen))) {
    return Overlap::kUnknown;
  }
  return a_around_b || b_around_a ? Overlap::kUnknown : Overlap::kPossible;
}

}  // namespace stray::analyzer
