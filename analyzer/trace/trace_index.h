// SPDX-License-Identifier: Apache-2.0
// trace_index.h: what the events of a trace have to do with each other, worked out once: positions in their
// tasks, which write a read reads from, which release ends which acquire, which locks are held, and what must
// have happened before an event in every reordering.
//
// Nested acquires of one lock by its holder are one: only the outermost counts, that to write and that to read
// each for itself. A task that has a lock for itself may take it in the other mode, too.
#ifndef STRAY_ANALYZER_TRACE_TRACE_INDEX_H_
#define STRAY_ANALYZER_TRACE_TRACE_INDEX_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analyzer/trace/event.h"
#include "analyzer/trace/need_table.h"

namespace stray::analyzer {

// A lock that a task has; to write, if it has it in both modes.
struct HeldLock {
  uint32_t lock;
  bool to_write;

  auto operator<=>(const HeldLock& other) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const HeldLock& held) {
    return H::combine(std::move(state), held.lock, held.to_write);
  }
};

// True if one task can have the locks `a` while another has `b`: two sorted sets, such as TraceIndex::HeldAt(),
// in which there is no lock that both have and one has to write.
bool CanBothBeHeld(absl::Span<const HeldLock> a, absl::Span<const HeldLock> b);

class TraceIndex {
 public:
  // kInvalidArgument: no program can have done this (a lock taken while another task has it, released by
  // another task than its holder or in another mode, a task that acts before it is forked or after it is
  // joined). `trace` must outlive the index.
  static absl::StatusOr<TraceIndex> Make(const Trace& trace);

  const Trace& trace() const { return *trace_; }
  const TraceEvent& event(EventIndex index) const { return trace_->events[index]; }
  uint32_t task_count() const { return static_cast<uint32_t>(events_of_.size()); }

  // The events of a task, in order.
  absl::Span<const EventIndex> EventsOf(uint32_t task) const { return events_of_[task]; }
  // Of an event among those of its task, from 1.
  uint32_t PositionOf(EventIndex event) const { return positions_[event]; }

  // The release that ends an outermost acquire, or the acquire that a release ends; kNoEvent: there is none in
  // the trace, or it is an inner one.
  EventIndex MatchOf(EventIndex event) const { return matches_[event]; }
  // The write that a read reads from; kNoEvent: there is none.
  EventIndex WriteOf(EventIndex read) const { return matches_[read]; }

  // Acquires of a task, outermost ones, in order.
  absl::Span<const EventIndex> AcquiresOf(uint32_t task) const { return acquires_of_[task]; }

  // Locks that the task has at `event`, sorted; an acquire does not have its own yet, a release has it still.
  absl::Span<const HeldLock> HeldAt(EventIndex event) const { return held_sets_[held_[event]]; }
  // Equal for equal sets.
  uint32_t HeldSetOf(EventIndex event) const { return held_[event]; }
  absl::Span<const HeldLock> HeldSet(uint32_t number) const { return held_sets_[number]; }

  // How much of another task must have happened when `event` has: by the order of tasks, by forks and joins, by
  // what was given to syncs, and because reads read what they read. Of the event's own task it says nothing.
  uint32_t NeedOf(EventIndex event, uint32_t task) const { return needs_.Of(need_of_[event], task); }
  // Raises limits, one for each task and then some that mean nothing, LimitCount() together, to that.
  void JoinNeedsTo(EventIndex event, uint32_t* limits) const { needs_.JoinTo(need_of_[event], limits); }
  size_t LimitCount() const { return needs_.row_size(); }

  // The event before `event` in its task, or what started the task; kNoEvent: nothing did.
  EventIndex Before(EventIndex event) const;
  // The fork of a task; kNoEvent: it was there from the start.
  EventIndex ForkOf(uint32_t task) const { return forks_[task]; }

 private:
  explicit TraceIndex(const Trace& trace) : trace_(&trace), needs_(trace.tasks.size()) {}

  const Trace* trace_;
  std::vector<std::vector<EventIndex>> events_of_;
  std::vector<std::vector<EventIndex>> acquires_of_;
  std::vector<EventIndex> forks_;
  std::vector<uint32_t> positions_;
  std::vector<EventIndex> matches_;
  std::vector<uint32_t> held_;
  std::vector<std::vector<HeldLock>> held_sets_;
  std::vector<uint32_t> need_of_;  // row of needs_
  NeedTable needs_;

  friend class TraceIndexer;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_TRACE_INDEX_H_
