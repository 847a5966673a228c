// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/sync_closure.h"

#include <algorithm>

namespace stray::analyzer {

SyncClosure::SyncClosure(const TraceIndex& index)
    : index_(index),
      limits_(index.LimitCount()),
      acquires_(index.task_count()),
      latest_(index.trace().locks.size(), kNoEvent) {}

void SyncClosure::Clear() {
  std::fill(limits_.begin(), limits_.end(), 0);
  std::fill(acquires_.begin(), acquires_.end(), 0);
  for (const uint32_t lock : locks_in_) {
    latest_[lock] = kNoEvent;
    if (!reads_.empty()) reads_[lock].clear();
  }
  locks_in_.clear();
}

void SyncClosure::IncludeBefore(EventIndex event) {
  const EventIndex before = index_.Before(event);
  if (before != kNoEvent) Include(before);
}

void SyncClosure::Include(EventIndex event) {
  const uint32_t task = index_.event(event).task;
  const uint32_t position = index_.PositionOf(event);
  if (limits_[task] >= position) return;
  index_.JoinNeedsTo(event, limits_.data());
  limits_[task] = std::max(limits_[task], position);
}

void SyncClosure::End(EventIndex acquire) {
  const EventIndex release = index_.MatchOf(acquire);
  if (release != kNoEvent) Include(release);
}

// Of two acquires the one that comes first in the trace must have ended.
void SyncClosure::TakeAcquire(EventIndex acquire) {
  ++steps_;
  const TraceEvent& event = index_.event(acquire);
  if (event.op == TraceOp::kAcquireRead) {
    TakeRead(acquire);
    return;
  }
  if (!reads_.empty()) OrderReads(acquire);
  EventIndex& latest = latest_[event.operand];
  EventIndex earlier = acquire;
  if (latest == kNoEvent) {
    locks_in_.push_back(event.operand);
    latest = acquire;
    return;
  }
  if (acquire > latest) std::swap(earlier, latest);
  End(earlier);
}

// That the earlier ones of those that write have ended is known when the latest one is.
void SyncClosure::TakeRead(EventIndex acquire) {
  const TraceEvent& event = index_.event(acquire);
  if (reads_.empty()) reads_.resize(latest_.size());
  const EventIndex latest = latest_[event.operand];
  if (latest != kNoEvent && index_.event(latest).task != event.task) End(std::min(acquire, latest));
  if (reads_[event.operand].empty()) locks_in_.push_back(event.operand);
  reads_[event.operand].push_back(acquire);
}

// What one task does is in order anyway, and it may have a lock in both modes at once.
void SyncClosure::OrderReads(EventIndex write) {
  const TraceEvent& event = index_.event(write);
  bool is_read_later = false;
  std::erase_if(reads_[event.operand], [&](EventIndex read) {
    if (index_.event(read).task == event.task) return false;
    if (read < write) End(read);
    is_read_later = is_read_later || read > write;
    return read < write;
  });
  if (is_read_later) End(write);
}

void SyncClosure::Close() {
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (uint32_t task = 0; task < acquires_.size(); ++task) {
      const absl::Span<const EventIndex> acquires = index_.AcquiresOf(task);
      size_t& next = acquires_[task];
      while (next < acquires.size() && index_.PositionOf(acquires[next]) <= limits_[task]) {
        TakeAcquire(acquires[next++]);
        has_grown = true;
      }
    }
  }
}

std::vector<EventIndex> SyncClosure::Events() const {
  std::vector<EventIndex> events;
  for (uint32_t task = 0; task < index_.task_count(); ++task) {
    const absl::Span<const EventIndex> own = index_.EventsOf(task);
    events.insert(events.end(), own.begin(), own.begin() + limits_[task]);
  }
  std::sort(events.begin(), events.end());
  return events;
}

}  // namespace stray::analyzer
