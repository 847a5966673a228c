// SPDX-License-Identifier: Apache-2.0
// sync_closure.h: the least set of events that must happen, with those given, in a reordering that keeps the
// order of critical sections of each lock.
//
// Closed under the order of tasks, forks, joins and syncs; with a read comes the write that it reads from; of
// two acquires of one lock, at least one of them to write, the earlier one comes with its release. (Mathur,
// Pavlogiannis and Viswanathan, "Optimal Prediction of Synchronization-Preserving Races", POPL 2021.) In the
// order of the trace the set is a run of the program.
//
// The set only grows, so that all that is included one after the other costs no more than the acquires in it.
#ifndef STRAY_ANALYZER_TRACE_SYNC_CLOSURE_H_
#define STRAY_ANALYZER_TRACE_SYNC_CLOSURE_H_

#include <cstdint>
#include <vector>

#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

class SyncClosure {
 public:
  // Empty. `index` must outlive it.
  explicit SyncClosure(const TraceIndex& index);

  void Clear();

  // Puts in all that must have happened before `event` can: not the event itself. Close() before asking.
  void IncludeBefore(EventIndex event);
  // The same with the event itself.
  void Include(EventIndex event);

  // Completes the set.
  void Close();

  bool Contains(EventIndex event) const {
    return limits_[index_.event(event).task] >= index_.PositionOf(event);
  }

  // How many events of a task are in.
  uint32_t LimitOf(uint32_t task) const { return limits_[task]; }

  // Acquires taken in since it was made: what the work is proportional to.
  uint64_t steps() const { return steps_; }

  // The events, in the order of the trace.
  std::vector<EventIndex> Events() const;

 private:
  void TakeAcquire(EventIndex acquire);
  void TakeRead(EventIndex acquire);
  void OrderReads(EventIndex write);
  void End(EventIndex acquire);

  const TraceIndex& index_;
  std::vector<uint32_t> limits_;    // how much of each task is in; see TraceIndex::JoinNeedsTo()
  std::vector<size_t> acquires_;    // of each task: how many are taken
  std::vector<EventIndex> latest_;  // of each lock: the last acquire to write that is in
  // Of each lock: acquires to read that are in. Whom a later one to write has ended is dropped, but not those
  // of the task that writes itself. Empty: there are none of any lock.
  std::vector<std::vector<EventIndex>> reads_;
  uint64_t steps_ = 0;
  std::vector<uint32_t> locks_in_;  // that are in latest_ or reads_
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_SYNC_CLOSURE_H_
