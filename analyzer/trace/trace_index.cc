// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/trace_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/trace/std_format.h"

namespace stray::analyzer {

// Walks the trace once.
class TraceIndexer {
 public:
  explicit TraceIndexer(const Trace& trace) : trace_(trace), index_(trace) {
    const size_t tasks = trace.tasks.size();
    index_.events_of_.resize(tasks);
    index_.acquires_of_.resize(tasks);
    index_.forks_.assign(tasks, kNoEvent);
    index_.needs_.assign(tasks, 0);  // row 0: nothing
    rows_.assign(tasks, 0);
    held_.resize(tasks);
    held_numbers_.assign(tasks, 0);
    joined_.assign(tasks, false);
    index_.held_sets_.emplace_back();
    set_numbers_[{}] = 0;
    locks_.resize(trace.locks.size());
    last_writes_.assign(trace.variables.size(), kNoEvent);
    const size_t events = trace.events.size();
    index_.positions_.reserve(events);
    index_.matches_.assign(events, kNoEvent);
    index_.held_.reserve(events);
    index_.need_of_.reserve(events);
  }

  absl::StatusOr<TraceIndex> Run() {
    for (EventIndex i = 0; i < trace_.events.size(); ++i) {
      const absl::Status status = Add(i);
      if (!status.ok()) return status;
    }
    return std::move(index_);
  }

 private:
  struct Lock {
    uint32_t holder = 0;
    uint32_t depth = 0;  // 0: nobody has it
    EventIndex acquire = kNoEvent;
  };

  absl::Status Impossible(EventIndex i, absl::string_view why) const {
    std::string line;
    AppendStd(trace_, trace_.events[i], &line);
    line.pop_back();
    return absl::InvalidArgumentError(absl::StrCat("event ", i + 1, ", ", line, ": ", why));
  }

  absl::Status Add(EventIndex i) {
    const TraceEvent& event = trace_.events[i];
    if (joined_[event.task]) return Impossible(i, "the task has been joined before");
    std::vector<EventIndex>& own = index_.events_of_[event.task];
    own.push_back(i);
    index_.positions_.push_back(static_cast<uint32_t>(own.size()));
    index_.held_.push_back(held_numbers_[event.task]);
    absl::Status status = Effect(i, event);
    index_.need_of_.push_back(rows_[event.task]);
    return status;
  }

  absl::Status Effect(EventIndex i, const TraceEvent& event) {
    switch (event.op) {
      case TraceOp::kRead:
        index_.matches_[i] = last_writes_[event.operand];
        if (last_writes_[event.operand] != kNoEvent) Need(event.task, last_writes_[event.operand]);
        return absl::OkStatus();
      case TraceOp::kWrite:
        last_writes_[event.operand] = i;
        return absl::OkStatus();
      case TraceOp::kAcquire:
        return Acquire(i, event);
      case TraceOp::kRelease:
        return Release(i, event);
      case TraceOp::kFork:
        return Fork(i, event);
      case TraceOp::kJoin:
        return Join(i, event);
      default:
        return absl::OkStatus();
    }
  }

  absl::Status Acquire(EventIndex i, const TraceEvent& event) {
    Lock& lock = locks_[event.operand];
    if (lock.depth != 0 && lock.holder != event.task)
      return Impossible(i, absl::StrCat(trace_.tasks[lock.holder], " has it"));
    lock.holder = event.task;
    if (lock.depth++ != 0) return absl::OkStatus();
    lock.acquire = i;
    index_.acquires_of_[event.task].push_back(i);
    std::vector<uint32_t>& held = held_[event.task];
    held.insert(std::lower_bound(held.begin(), held.end(), event.operand), event.operand);
    held_numbers_[event.task] = NumberOf(held);
    return absl::OkStatus();
  }

  absl::Status Release(EventIndex i, const TraceEvent& event) {
    Lock& lock = locks_[event.operand];
    if (lock.depth == 0) return Impossible(i, "nobody has it");
    if (lock.holder != event.task) return Impossible(i, absl::StrCat(trace_.tasks[lock.holder], " has it"));
    if (--lock.depth != 0) return absl::OkStatus();
    index_.matches_[i] = lock.acquire;
    index_.matches_[lock.acquire] = i;
    std::vector<uint32_t>& held = held_[event.task];
    held.erase(std::lower_bound(held.begin(), held.end(), event.operand));
    held_numbers_[event.task] = NumberOf(held);
    return absl::OkStatus();
  }

  absl::Status Fork(EventIndex i, const TraceEvent& event) {
    const uint32_t child = event.operand;
    if (child == event.task || index_.forks_[child] != kNoEvent || !index_.events_of_[child].empty())
      return Impossible(i, "the task is there already");
    index_.forks_[child] = i;
    rows_[child] = AddRow(rows_[event.task]);
    Row(rows_[child])[event.task] = index_.positions_[i];
    return absl::OkStatus();
  }

  absl::Status Join(EventIndex i, const TraceEvent& event) {
    const uint32_t child = event.operand;
    if (child == event.task || joined_[child]) return Impossible(i, "it cannot be joined");
    joined_[child] = true;
    const std::vector<EventIndex>& events = index_.events_of_[child];
    const EventIndex last = events.empty() ? index_.forks_[child] : events.back();
    if (last != kNoEvent) Need(event.task, last);
    return absl::OkStatus();
  }

  // From now on what `task` does needs `event`, and what that needs.
  void Need(uint32_t task, EventIndex event) {
    const uint32_t other = trace_.events[event].task;
    const uint32_t position = index_.positions_[event];
    if (other == task || Row(rows_[task])[other] >= position) return;
    const uint32_t row = AddRow(rows_[task]);
    const uint32_t* const needs = Row(index_.need_of_[event]);
    uint32_t* const mine = Row(row);
    for (size_t i = 0; i < trace_.tasks.size(); ++i) mine[i] = std::max(mine[i], needs[i]);
    mine[other] = std::max(mine[other], position);
    rows_[task] = row;
  }

  uint32_t* Row(uint32_t row) { return &index_.needs_[size_t{row} * trace_.tasks.size()]; }

  uint32_t AddRow(uint32_t like) {
    const size_t tasks = trace_.tasks.size();
    const size_t at = index_.needs_.size();
    index_.needs_.resize(at + tasks);
    std::copy_n(Row(like), tasks, index_.needs_.begin() + static_cast<ptrdiff_t>(at));
    return static_cast<uint32_t>(at / tasks);
  }

  uint32_t NumberOf(const std::vector<uint32_t>& held) {
    const auto [it, is_new] = set_numbers_.try_emplace(held, static_cast<uint32_t>(index_.held_sets_.size()));
    if (is_new) index_.held_sets_.push_back(held);
    return it->second;
  }

  const Trace& trace_;
  TraceIndex index_;
  std::vector<uint32_t> rows_;  // of each task's newest event
  std::vector<std::vector<uint32_t>> held_;
  std::vector<uint32_t> held_numbers_;
  std::vector<bool> joined_;
  std::vector<Lock> locks_;
  std::vector<EventIndex> last_writes_;
  std::map<std::vector<uint32_t>, uint32_t> set_numbers_;
};

bool AreDisjoint(absl::Span<const uint32_t> a, absl::Span<const uint32_t> b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i] == b[j]) return false;
    ++(a[i] < b[j] ? i : j);
  }
  return true;
}

absl::StatusOr<TraceIndex> TraceIndex::Make(const Trace& trace) { return TraceIndexer(trace).Run(); }

EventIndex TraceIndex::Before(EventIndex event) const {
  const uint32_t task = trace_->events[event].task;
  const uint32_t position = positions_[event];
  return position == 1 ? forks_[task] : events_of_[task][position - 2];
}

}  // namespace stray::analyzer
