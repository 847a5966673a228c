// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/trace_index.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
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
    rows_.assign(tasks, 0);
    held_numbers_.assign(tasks, 0);
    joined_.assign(tasks, false);
    index_.held_sets_.emplace_back();
    set_numbers_.insert(0);
    locks_.resize(trace.locks.size());
    syncs_.resize(trace.syncs.size());
    last_writes_.assign(trace.variables.size(), kNoEvent);
    const size_t events = trace.events.size();
    index_.positions_.reserve(events);
    index_.matches_.assign(events, kNoEvent);
    index_.held_.reserve(events);
    index_.need_of_.reserve(events);
    std::vector<uint32_t> counts(tasks, 0);
    for (const TraceEvent& event : trace.events) ++counts[event.task];
    for (size_t task = 0; task < tasks; ++task) index_.events_of_[task].reserve(counts[task]);
  }

  absl::StatusOr<TraceIndex> Run() {
    for (EventIndex i = 0; i < trace_.events.size(); ++i) {
      const absl::Status status = Add(i);
      if (!status.ok()) return status;
    }
    return std::move(index_);
  }

 private:
  struct Hold {
    uint32_t task = 0;
    uint32_t depth = 0;  // 0: the task does not have it
    EventIndex acquire = kNoEvent;
    uint32_t held = 0;  // number of the set with it, and with what the task had before; 0: it had the lock then
  };
  struct Lock {
    Hold writer;
    std::vector<Hold> readers;
  };
  // What was given to a sync: by one event, which knows of all that were before, or what they need together.
  struct Sync {
    EventIndex last = kNoEvent;
    std::vector<uint32_t> needs;  // empty: it is the one event
  };

  // Numbers of sets, by what is in them.
  struct SetHash {
    using is_transparent = void;
    size_t operator()(absl::Span<const HeldLock> set) const {
      return absl::Hash<absl::Span<const HeldLock>>()(set);
    }
    size_t operator()(uint32_t number) const { return (*this)(index->HeldSet(number)); }
    const TraceIndex* index;
  };
  struct SetEqual {
    using is_transparent = void;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, absl::Span<const HeldLock> b) const { return index->HeldSet(a) == b; }
    const TraceIndex* index;
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
    if (IsAccess(event.op)) {
      Access(i, event);
    } else if (absl::Status status = Effect(i, event); !status.ok()) {
      return status;
    }
    index_.need_of_.push_back(rows_[event.task]);
    return absl::OkStatus();
  }

  void Access(EventIndex i, const TraceEvent& event) {
    EventIndex& last_write = last_writes_[event.operand];
    if (event.op == TraceOp::kWrite) {
      last_write = i;
    } else if (last_write != kNoEvent) {
      index_.matches_[i] = last_write;
      Need(event.task, last_write);
    }
  }

  absl::Status Effect(EventIndex i, const TraceEvent& event) {
    switch (event.op) {
      case TraceOp::kAcquire:
      case TraceOp::kTryAcquire:
        return Acquire(i, event);
      case TraceOp::kRelease:
        return Release(i, event);
      case TraceOp::kAcquireRead:
        return AcquireRead(i, event);
      case TraceOp::kReleaseRead:
        return ReleaseRead(i, event);
      case TraceOp::kSignal:
      case TraceOp::kProvide:
        Give(i, event);
        return absl::OkStatus();
      case TraceOp::kAwait:
      case TraceOp::kDepend:
        Get(event);
        return absl::OkStatus();
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
    for (const Hold& reader : lock.readers) {
      if (reader.task != event.task)
        return Impossible(i, absl::StrCat(trace_.tasks[reader.task], " has it to read"));
    }
    if (lock.writer.depth != 0 && lock.writer.task != event.task) return IsHeld(i, lock);
    if (lock.writer.depth++ != 0) return absl::OkStatus();
    lock.writer.task = event.task;
    Begin(i, event, lock.writer);
    return absl::OkStatus();
  }

  absl::Status Release(EventIndex i, const TraceEvent& event) {
    Lock& lock = locks_[event.operand];
    if (lock.writer.depth == 0)
      return Impossible(i, lock.readers.empty() ? "nobody has it" : "nobody has it to write");
    if (lock.writer.task != event.task) return IsHeld(i, lock);
    if (--lock.writer.depth == 0) End(i, event, lock.writer);
    return absl::OkStatus();
  }

  absl::Status AcquireRead(EventIndex i, const TraceEvent& event) {
    Lock& lock = locks_[event.operand];
    if (lock.writer.depth != 0 && lock.writer.task != event.task) return IsHeld(i, lock);
    auto reader = ReaderOf(lock, event.task);
    if (reader == lock.readers.end()) {
      reader = lock.readers.insert(reader, {.task = event.task});
      Begin(i, event, *reader);
    }
    ++reader->depth;
    return absl::OkStatus();
  }

  absl::Status ReleaseRead(EventIndex i, const TraceEvent& event) {
    Lock& lock = locks_[event.operand];
    const auto reader = ReaderOf(lock, event.task);
    if (reader == lock.readers.end()) return Impossible(i, "the task does not have it to read");
    if (--reader->depth != 0) return absl::OkStatus();
    const Hold hold = *reader;
    lock.readers.erase(reader);
    End(i, event, hold);
    return absl::OkStatus();
  }

  absl::Status IsHeld(EventIndex i, const Lock& lock) const {
    return Impossible(i, absl::StrCat(trace_.tasks[lock.writer.task], " has it"));
  }

  static std::vector<Hold>::iterator ReaderOf(Lock& lock, uint32_t task) {
    return std::find_if(lock.readers.begin(), lock.readers.end(),
                        [task](const Hold& reader) { return reader.task == task; });
  }

  // An outermost acquire.
  void Begin(EventIndex i, const TraceEvent& event, Hold& hold) {
    hold.acquire = i;
    index_.acquires_of_[event.task].push_back(i);
    const bool to_write = event.op != TraceOp::kAcquireRead;
    const auto at = CopyHeld(event);
    const bool has_both = at != copy_.end() && at->lock == event.operand;
    if (has_both) {
      at->to_write = true;
    } else {
      copy_.insert(at, {event.operand, to_write});
    }
    held_numbers_[event.task] = NumberOfCopy();
    hold.held = has_both ? 0 : held_numbers_[event.task];
  }

  // An outermost release: what is left is the other mode, if the task has the lock in that, too.
  void End(EventIndex i, const TraceEvent& event, const Hold& hold) {
    index_.matches_[i] = hold.acquire;
    index_.matches_[hold.acquire] = i;
    Lock& lock = locks_[event.operand];
    if (lock.writer.depth != 0 && lock.writer.task == event.task) return;
    const bool is_left = ReaderOf(lock, event.task) != lock.readers.end();
    if (!is_left && hold.held == held_numbers_[event.task]) {
      held_numbers_[event.task] = index_.held_[hold.acquire];  // the last one taken, mostly
      return;
    }
    const auto at = CopyHeld(event);
    if (is_left) {
      at->to_write = false;
    } else {
      copy_.erase(at);
    }
    held_numbers_[event.task] = NumberOfCopy();
  }

  // What the task has, in copy_. Returns the place of the event's lock there.
  std::vector<HeldLock>::iterator CopyHeld(const TraceEvent& event) {
    copy_ = index_.held_sets_[held_numbers_[event.task]];
    return std::lower_bound(copy_.begin(), copy_.end(), HeldLock{event.operand, false});
  }

  uint32_t NumberOfCopy() {
    const auto known = set_numbers_.find(absl::MakeConstSpan(copy_));
    if (known != set_numbers_.end()) return *known;
    const auto number = static_cast<uint32_t>(index_.held_sets_.size());
    index_.held_sets_.push_back(copy_);
    set_numbers_.insert(number);
    return number;
  }

  absl::Status Fork(EventIndex i, const TraceEvent& event) {
    const uint32_t child = event.operand;
    if (child == event.task || index_.forks_[child] != kNoEvent || !index_.events_of_[child].empty())
      return Impossible(i, "the task is there already");
    index_.forks_[child] = i;
    rows_[child] = index_.needs_.Join(rows_[event.task], 0, event.task, index_.positions_[i]);
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

  bool Needs(uint32_t task, EventIndex event) const {
    const uint32_t other = trace_.events[event].task;
    return other == task || index_.needs_.Of(rows_[task], other) >= index_.positions_[event];
  }

  // From now on what `task` does needs `event`, and what that needs.
  void Need(uint32_t task, EventIndex event) {
    if (Needs(task, event)) return;
    rows_[task] = index_.needs_.Join(rows_[task], index_.need_of_[event], trace_.events[event].task,
                                     index_.positions_[event]);
  }

  void Give(EventIndex i, const TraceEvent& event) {
    Sync& sync = syncs_[event.operand];
    if (sync.needs.empty() && (sync.last == kNoEvent || Needs(event.task, sync.last))) {
      sync.last = i;
      return;
    }
    if (sync.needs.empty()) {
      sync.needs.resize(index_.needs_.row_size());
      index_.needs_.JoinTo(index_.need_of_[sync.last], sync.needs.data());
      sync.needs[trace_.events[sync.last].task] = index_.positions_[sync.last];
    }
    index_.needs_.JoinTo(rows_[event.task], sync.needs.data());
    sync.needs[event.task] = index_.positions_[i];
  }

  void Get(const TraceEvent& event) {
    const Sync& sync = syncs_[event.operand];
    if (sync.needs.empty()) {
      if (sync.last != kNoEvent) Need(event.task, sync.last);
      return;
    }
    bool is_known = true;
    for (uint32_t task = 0; task < trace_.tasks.size() && is_known; ++task)
      is_known = task == event.task || sync.needs[task] <= index_.needs_.Of(rows_[event.task], task);
    if (!is_known) rows_[event.task] = index_.needs_.Join(rows_[event.task], sync.needs);
  }

  const Trace& trace_;
  TraceIndex index_;
  std::vector<uint32_t> rows_;  // of each task's newest event
  std::vector<uint32_t> held_numbers_;
  std::vector<bool> joined_;
  std::vector<Lock> locks_;
  std::vector<Sync> syncs_;
  std::vector<EventIndex> last_writes_;
  std::vector<HeldLock> copy_;
  absl::flat_hash_set<uint32_t, SetHash, SetEqual> set_numbers_{0, SetHash{&index_}, SetEqual{&index_}};
};

bool CanBothBeHeld(absl::Span<const HeldLock> a, absl::Span<const HeldLock> b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].lock != b[j].lock) {
      ++(a[i].lock < b[j].lock ? i : j);
    } else if (a[i].to_write || b[j].to_write) {
      return false;
    } else {
      ++i;
      ++j;
    }
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
