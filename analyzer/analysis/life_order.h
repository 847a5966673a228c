// SPDX-License-Identifier: Apache-2.0
// life_order.h: what happened before what, as far as creating and joining tasks decides it.
//
// Locks are left out on purpose: an order that only comes from who got a lock first may be the other way
// round in the next run. What stands before a task is created or after it is joined can never overlap with
// it.
//
// Time is the life clock: it steps at each creation, end and join, and a task's epoch is the clock at its own
// last creation or join. So of an operation of task t in epoch e is known that it
//   - comes before all that a child of t does which was created at a life > e,
//   - comes before all that the task that joins t does in an epoch >= t's join_life,
// and so on from there.
#ifndef STRAY_ANALYZER_ANALYSIS_LIFE_ORDER_H_
#define STRAY_ANALYZER_ANALYSIS_LIFE_ORDER_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Operations of one task: the first in epoch `first`, the last in epoch `last`, any number in between.
struct LifeSpan {
  uint32_t task = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  const wire::Sighting* seen = nullptr;  // of a goroutine, with clocks; null: none are kept
};

enum class Overlap : int {
  kNever,    // all of one comes before all of the other
  kUnknown,  // not enough is recorded: the first and the last of one lie around the other and nothing is known
             // of those in between, or the record of a task that made or joined one of them is gone
  kPossible,
};

class LifeOrder {
 public:
  // `process` must outlive it.
  explicit LifeOrder(const ProcessModel& process);

  // Two spans of one task never overlap. Goroutines may also be ordered by what they tell each other, which is
  // not recorded; but where clocks say that neither can have learnt of the other, they are not.
  Overlap OverlapOf(const LifeSpan& a, const LifeSpan& b);

 private:
  // From which epoch on a task comes after a given point; absent: not known to come after it.
  using Reach = absl::flat_hash_map<uint32_t, uint32_t>;

  // True if an operation of `task` in `epoch` comes before everything `other` does from `other_epoch` on.
  bool IsBefore(uint32_t task, uint32_t epoch, uint32_t other, uint32_t other_epoch);
  const Reach& ReachOf(uint32_t task, uint32_t epoch);

  // True if nothing is missing in what is known about the task's creation and join.
  bool IsTraced(uint32_t task);

  struct Child {
    uint32_t task = 0;
    uint32_t create_life = 0;
  };
  struct Join {
    uint32_t by = 0;
    uint32_t life = 0;
  };
  const ProcessModel& process_;
  absl::flat_hash_map<uint32_t, bool> traced_;
  absl::flat_hash_map<uint32_t, std::vector<Child>> children_;
  absl::flat_hash_map<uint32_t, Join> joins_;
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, Reach> reaches_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_LIFE_ORDER_H_
