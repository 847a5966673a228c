// SPDX-License-Identifier: Apache-2.0
// happens_before.h: races of a trace by happens-before, in one pass and in memory that depends on how many
// tasks, locks, syncs and variables there are, not on the length of the trace.
//
// An access races with an earlier one that does not happen before it. Kept for each variable are the last reads
// and writes that are not ordered among themselves: mostly one, an epoch (FastTrack: Flanagan and Freund, PLDI
// 2009), otherwise a few.
//
// kFirst        happens-before by locks, signals, forks and joins. Of what it reports the first pair is a race
//               for sure; later ones may be there only because of it.
// kSchedulable  a read also learns what the write did that it reads from, after it has been compared (SHB:
//               Mathur, Kini and Viswanathan, OOPSLA 2018). Each pair that is reported can be scheduled side by
//               side, as far as what tasks depend on without happens-before (kDepend) lets them.
#ifndef STRAY_ANALYZER_TRACE_HAPPENS_BEFORE_H_
#define STRAY_ANALYZER_TRACE_HAPPENS_BEFORE_H_

#include <functional>
#include <memory>
#include <vector>

#include "analyzer/trace/event.h"
#include "analyzer/trace/task_clock.h"

namespace stray::analyzer {

class HappensBefore {
 public:
  enum class Order { kFirst, kSchedulable };
  struct Race : AccessPair {
    uint32_t first_location;  // of the earlier access; the other one has just been added
  };
  // Called once for each later access that races, with one of the earlier ones that it races with.
  using OnRace = std::function<void(const Race&)>;

  HappensBefore(Order order, OnRace on_race) : order_(order), on_race_(std::move(on_race)) {}

  // The next event of the trace.
  void Add(const TraceEvent& event);

  // There are no such variables any more: who uses one of the numbers next means another one.
  void ForgetVariables(uint32_t first, uint32_t count);
  // The same of a sync.
  void ForgetSync(uint32_t sync);

  EventIndex event_count() const { return next_; }

 private:
  struct Access {
    uint32_t task;
    uint32_t time;  // of the task
    EventIndex event;
    uint32_t location;
  };
  // Accesses of one kind, none of which happens before another.
  struct Frontier {
    Access one = {0, 0, kNoEvent, 0};
    std::unique_ptr<std::vector<Access>> more;  // null: there is at most one
  };
  struct Variable {
    Frontier reads, writes;
    Moment last_write;  // kSchedulable only
  };

  TaskClock& ClockOf(uint32_t task);
  // One of them that does not happen before `clock`, or null.
  static const Access* Unordered(const Frontier& frontier, const TaskClock& clock);
  // Takes in an access that knows `clock`; what happens before it is dropped.
  static void Advance(Frontier& frontier, const Access& access, const TaskClock& clock);
  void Report(const Access& earlier) { on_race_({{earlier.event, next_}, earlier.location}); }
  void Read(const TraceEvent& event);
  void Write(const TraceEvent& event);
  void Acquire(const TraceEvent& event);
  void Tell(uint32_t task, Moments& moments);

  Order order_;
  OnRace on_race_;
  EventIndex next_ = 0;
  std::vector<TaskClock> tasks_;
  std::vector<Moment> locks_;           // what the last release told
  std::vector<Moments> read_releases_;  // by lock: what those of readers told to who writes next
  std::vector<Moments> syncs_;
  std::vector<Variable> variables_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_HAPPENS_BEFORE_H_
