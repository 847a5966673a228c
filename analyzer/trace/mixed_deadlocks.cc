// SPDX-License-Identifier: Apache-2.0
#include "analyzer/trace/mixed_deadlocks.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "analyzer/trace/stuck_tasks.h"
#include "analyzer/trace/sync_closure.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostShown = 8;  // tasks of one deadlock
constexpr size_t kMostStops = 2;  // of one kind that are tried for a task that is in the way

// Waits of one task that are alike, in the order of the trace.
struct AbstractWait {
  uint32_t task;
  TraceOp op;
  uint32_t operand;  // a channel or a lock
  uint32_t held;     // number of the set
  uint32_t location;
  std::vector<EventIndex> events;
};

class MixedSearch {
 public:
  MixedSearch(const TraceIndex& index, const MixedOptions& options)
      : index_(index),
        options_(options),
        most_steps_(options.most_steps + options.most_steps_per_event * index.trace().events.size()),
        stuck_(index),
        wanting_(index.trace().locks.size()) {
    Collect();
  }

  MixedDeadlocks Run() {
    for (const AbstractWait& channel_wait : channel_waits_) {
      for (const HeldLock& held : index_.HeldSet(channel_wait.held)) {
        for (const size_t i : wanting_[held.lock]) {
          if (stuck_.steps() + steps_ > most_steps_) {
            found_.is_complete = false;
            return std::move(found_);
          }
          if (IsBlocked(lock_waits_[i], held)) Walk(channel_wait, lock_waits_[i]);
        }
      }
    }
    return std::move(found_);
  }

 private:
  using Places = std::pair<uint32_t, uint32_t>;

  void Collect() {
    std::map<std::tuple<uint32_t, TraceOp, uint32_t, uint32_t, uint32_t>, std::vector<EventIndex>> groups;
    std::vector<bool> is_wanted(index_.trace().locks.size(), false);
    for (EventIndex i = 0; i < index_.trace().events.size(); ++i) {
      const TraceEvent& event = index_.event(i);
      const bool is_of_channel = event.op == TraceOp::kSend || event.op == TraceOp::kReceive;
      if (!is_of_channel || index_.HeldAt(i).empty() || !stuck_.MayWait(i)) continue;
      groups[{event.task, event.op, event.operand, index_.HeldSetOf(i), event.location}].push_back(i);
      for (const HeldLock& held : index_.HeldAt(i)) is_wanted[held.lock] = true;
    }
    Fill(groups, channel_waits_);
    groups.clear();
    if (channel_waits_.empty()) return;  // so it is with most traces
    for (uint32_t task = 0; task < index_.task_count(); ++task) {
      for (const EventIndex i : index_.AcquiresOf(task)) {
        const TraceEvent& event = index_.event(i);
        if (event.op != TraceOp::kTryAcquire && is_wanted[event.operand])
          groups[{task, event.op, event.operand, index_.HeldSetOf(i), event.location}].push_back(i);
      }
    }
    Fill(groups, lock_waits_);
    for (size_t i = 0; i < lock_waits_.size(); ++i) wanting_[lock_waits_[i].operand].push_back(i);
  }

  template <typename Groups>
  static void Fill(Groups& groups, std::vector<AbstractWait>& waits) {
    for (auto& [key, events] : groups) {
      const auto& [task, op, operand, held, location] = key;
      waits.push_back({task, op, operand, held, location, std::move(events)});
    }
  }

  // `wanted` waits for who has `held`.
  static bool IsBlocked(const AbstractWait& wanted, const HeldLock& held) {
    return held.lock == wanted.operand && (wanted.op == TraceOp::kAcquire || held.to_write);
  }

  // Pairs of them that can be about to happen together, as they come.
  void Walk(const AbstractWait& channel_wait, const AbstractWait& lock_wait) {
    const Places places = {channel_wait.location, lock_wait.location};
    if (channel_wait.task == lock_wait.task || tries_[places] >= options_.most_tries ||
        !CanBothBeHeld(index_.HeldSet(channel_wait.held), index_.HeldSet(lock_wait.held))) {
      return;
    }
    ++tries_[places];
    SyncClosure run(index_);
    size_t i = 0, j = 0;
    while (i < channel_wait.events.size() && j < lock_wait.events.size()) {
      run.IncludeBefore(channel_wait.events[i]);
      run.IncludeBefore(lock_wait.events[j]);
      run.Close();
      const size_t before = i + j;
      while (i < channel_wait.events.size() && run.Contains(channel_wait.events[i])) ++i;
      while (j < lock_wait.events.size() && run.Contains(lock_wait.events[j])) ++j;
      if (i + j != before) continue;
      if (++tries_[places] > options_.most_tries) break;
      std::vector<EventIndex> waits = {channel_wait.events[i], lock_wait.events[j]};
      if (Reach(run, waits)) break;
      ++(channel_wait.events[i] < lock_wait.events[j] ? i : j);
    }
    steps_ += run.steps() + 1;
  }

  bool ContainsOne(const SyncClosure& run, const std::vector<EventIndex>& waits) const {
    return std::any_of(waits.begin(), waits.end(), [&](EventIndex wait) { return run.Contains(wait); });
  }

  // With the ends of what has begun on the channels that are waited for. What is half done there is not known
  // to be out of the way.
  void EndWhatHasBegun(SyncClosure& run, const std::vector<EventIndex>& waits) const {
    for (const EventIndex wait : waits) {
      const TraceEvent& what = index_.event(wait);
      if (!IsOfChannel(what.op)) continue;
      for (const uint32_t task : stuck_.UsersOf(what.operand)) {
        const EventIndex end = task == what.task ? kNoEvent : stuck_.EndToCome(run, task);
        if (end != kNoEvent) run.Include(end);
      }
    }
    run.Close();
  }

  // Reports it if all of them hang after `run`, or if they do with a few more that have to. `run` is left as it
  // is.
  bool Reach(const SyncClosure& run, std::vector<EventIndex>& waits) {
    SyncClosure whole = run;
    EndWhatHasBegun(whole, waits);
    if (ContainsOne(whole, waits)) return false;
    const StuckTasks::Freed freed = stuck_.Look(whole, waits);
    if (freed.event == kNoEvent) {
      if (!IsInvolved(whole, waits)) return false;
      Report(whole, waits);
      return true;
    }
    return freed.by != kNoEvent && waits.size() < options_.most_tasks && ReachWithMore(whole, waits, freed.by);
  }

  // The same with the task that does `in_the_way` stopped before that, at a lock that one of them has.
  bool ReachWithMore(const SyncClosure& run, std::vector<EventIndex>& waits, EventIndex in_the_way) {
    const uint32_t task = index_.event(in_the_way).task;
    const bool is_known = std::any_of(waits.begin(), waits.end(),
                                      [&](EventIndex wait) { return index_.event(wait).task == task; });
    if (is_known) return false;
    const std::vector<EventIndex> holders = waits;
    for (const EventIndex holder : holders) {
      for (const HeldLock& held : index_.HeldAt(holder)) {
        for (const size_t i : wanting_[held.lock]) {
          const AbstractWait& wanting = lock_waits_[i];
          if (wanting.task != task || !IsBlocked(wanting, held)) continue;
          if (StopAtOne(run, waits, wanting, in_the_way)) return true;
        }
      }
    }
    return false;
  }

  bool StopAtOne(const SyncClosure& run, std::vector<EventIndex>& waits, const AbstractWait& wanting,
                 EventIndex in_the_way) {
    // Behind it there may be none that is reached without it.
    const auto first = std::partition_point(wanting.events.begin(), wanting.events.end(),
                                            [&](EventIndex event) { return run.Contains(event); });
    size_t tried = 0;
    for (auto stop = first; stop != wanting.events.end() && tried < kMostStops; ++stop, ++tried) {
      SyncClosure more = run;
      more.IncludeBefore(*stop);
      more.Close();
      steps_ += more.steps() - run.steps() + 1;
      waits.push_back(*stop);
      if (!ContainsOne(more, waits) && Reach(more, waits)) return true;
      waits.pop_back();
      if (*stop > in_the_way) break;
    }
    return false;
  }

  // Who wants the lock would let the other go on, if it got it. Else it only comes too late.
  bool IsInvolved(const SyncClosure& run, const std::vector<EventIndex>& waits) {
    return stuck_.Look(run, {waits.data(), 1}, waits[1]).event != kNoEvent;
  }

  // With others that could be the other side and want a lock, too, so that it says of all what they wait for.
  void Report(SyncClosure run, std::vector<EventIndex> waits) {
    for (const uint32_t task : stuck_.UsersOf(index_.event(waits[0]).operand)) {
      if (waits.size() == kMostShown) break;
      stuck_.Look(run, waits);
      const EventIndex stop = stuck_.StopOf(task);
      if (stop == kNoEvent || !IsAcquire(index_.event(stop).op)) continue;
      const bool is_known = std::any_of(waits.begin(), waits.end(),
                                        [&](EventIndex wait) { return index_.event(wait).task == task; });
      if (is_known) continue;
      SyncClosure more = run;
      more.IncludeBefore(stop);
      more.Close();
      std::vector<EventIndex> with = waits;
      with.push_back(stop);
      if (ContainsOne(more, with) || stuck_.Look(more, with).event != kNoEvent) continue;
      waits = std::move(with);
      run.IncludeBefore(stop);
      run.Close();
    }
    // One of them is enough.
    for (const EventIndex wait : waits)
      tries_[{index_.event(waits[0]).location, index_.event(wait).location}] = options_.most_tries;
    found_.found.push_back({.waits = std::move(waits), .events = run.Events()});
  }

  const TraceIndex& index_;
  const MixedOptions options_;
  const uint64_t most_steps_;
  StuckTasks stuck_;
  std::vector<AbstractWait> channel_waits_, lock_waits_;
  std::vector<std::vector<size_t>> wanting_;  // by lock: of lock_waits_
  absl::flat_hash_map<Places, uint32_t> tries_;
  uint64_t steps_ = 0;
  MixedDeadlocks found_;
};

}  // namespace

MixedDeadlocks PredictMixedDeadlocks(const TraceIndex& index, const MixedOptions& options) {
  // Mostly nobody does anything to a channel with a lock held, and that is all.
  const std::vector<TraceEvent>& events = index.trace().events;
  for (EventIndex i = 0; i < events.size(); ++i) {
    const bool waits = events[i].op == TraceOp::kSend || events[i].op == TraceOp::kReceive;
    if (waits && !index.HeldAt(i).empty()) return MixedSearch(index, options).Run();
  }
  return {};
}

}  // namespace stray::analyzer
