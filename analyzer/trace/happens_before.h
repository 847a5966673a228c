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
#include "analyzer/trace/vector_clock.h"

namespace stray::analyzer {

class HappensBefore {
 public:
  enum class Order { kFirst, kSchedulable };
  // Called once for each later access that races, with one of the earlier ones that it races with.
  using OnRace = std::function<void(const AccessPair&)>;

  HappensBefore(Order order, OnRace on_race) : order_(order), on_race_(std::move(on_race)) {}

  // The next event of the trace.
  void Add(const TraceEvent& event);

  EventIndex event_count() const { return next_; }

 private:
  struct Access {
    uint32_t task;
    uint32_t time;  // of the task
    EventIndex event;
  };
  // Accesses of one kind, none of which happens before another.
  struct Frontier {
    Access one = {0, 0, kNoEvent};
    std::unique_ptr<std::vector<Access>> more;  // null: there is at most one
  };
  struct Variable {
    Frontier reads, writes;
    VectorClock last_write;  // what the last write knew; kSchedulable only
  };

  VectorClock& TaskClock(uint32_t task);
  // One of them that does not happen before `clock`, or kNoEvent.
  static EventIndex Unordered(const Frontier& frontier, const VectorClock& clock);
  // Takes in an access that knows `clock`; what happens before it is dropped.
  static void Advance(Frontier& frontier, const Access& access, const VectorClock& clock);
  void Read(const TraceEvent& event);
  void Write(const TraceEvent& event);
  void Acquire(const TraceEvent& event);

  Order order_;
  OnRace on_race_;
  EventIndex next_ = 0;
  std::vector<VectorClock> tasks_;
  std::vector<VectorClock> locks_;          // what releases told
  std::vector<VectorClock> read_releases_;  // by lock: what those of readers told to who writes next
  std::vector<VectorClock> syncs_;
  std::vector<Variable> variables_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_HAPPENS_BEFORE_H_
