// SPDX-License-Identifier: Apache-2.0
// stuck_tasks.h: whether tasks that wait, after some of the events of a trace, can ever go on.
//
// All other tasks go on with what they did in the trace, as far as they can. More than they could is thought
// possible: they get what they await and read, their trylocks and joins succeed, and what they do to channels
// has happened in whatever order is best for those who wait. So who does not go on here does not in any order.
//
//   waits for       goes on if one of the others can come to
//   a lock          the release of what was held when all this began
//   to receive      a send, be it a case of a select or a try; a close
//   to send         a receive of that kind; a close, by which it panics, but does not wait any more
//   a wait group    as many dones as are wanting
//
// Of a channel that was not seen to be made nobody knows how many values it holds, nor of one that a timer
// sends to when that comes: nobody is stuck there. Whoever comes to where it is cut off may do anything then.
#ifndef STRAY_ANALYZER_TRACE_STUCK_TASKS_H_
#define STRAY_ANALYZER_TRACE_STUCK_TASKS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "analyzer/trace/sync_closure.h"
#include "analyzer/trace/trace_index.h"

namespace stray::analyzer {

class StuckTasks {
 public:
  explicit StuckTasks(const TraceIndex& index);

  // What frees one of those that wait: kNoEvent twice if nothing does.
  struct Freed {
    EventIndex event = kNoEvent;
    EventIndex by = kNoEvent;  // what another task does to the channel that it waits for; kNoEvent: not known
  };

  // After what is in `run`. `waits`: what their tasks do next. `passed`: a wait that is none.
  Freed Look(const SyncClosure& run, absl::Span<const EventIndex> waits, EventIndex passed = kNoEvent);

  // Where a task was stuck at the last Look(); kNoEvent: nowhere.
  EventIndex StopOf(uint32_t task) const;

  // A send or a receive there, which came to its end in the trace, may have to wait, and it is known when.
  bool MayWait(EventIndex event) const;
  // The end of what a task has begun to do to a channel in `run`; kNoEvent: it is there, or nowhere.
  EventIndex EndToCome(const SyncClosure& run, uint32_t task) const;
  // Tasks that do something to a channel.
  std::vector<uint32_t> UsersOf(uint32_t channel) const;
  // Events looked at since it was made.
  uint64_t steps() const { return count_; }

 private:
  struct Step {
    EventIndex event;
    bool may_wait;
  };
  // What one task puts into a channel and takes out, or its adds and dones: positions.
  struct Uses {
    std::vector<uint32_t> in, out;
  };
  struct Channel {
    int64_t capacity = -1;  // -1: not known
    int64_t begun = 0, received = 0;
    std::vector<EventIndex> closes;
    absl::flat_hash_map<uint32_t, Uses> uses;  // by task
  };
  struct Group {
    int64_t counter = 0;
    absl::flat_hash_map<uint32_t, Uses> uses;
  };
  // Of one kind, on a channel: by the first who makes it, and by any other.
  struct Offer {
    uint32_t task = 0;
    EventIndex first = kNoEvent, other = kNoEvent;
  };
  struct Offers {
    Offer sends, receives, closes;
  };
  struct Hold {
    uint32_t task;
    bool to_write;
  };

  void Learn(EventIndex event);
  void LearnUse(EventIndex event, const TraceEvent& what);
  void LearnGroup(EventIndex event, const TraceEvent& what);
  size_t FirstStepAfter(const SyncClosure& run, uint32_t task) const;
  void Start(const SyncClosure& run);
  bool Advance(uint32_t task, absl::Span<const EventIndex> waits, EventIndex passed);
  bool IsRunning(uint32_t task) const;
  bool IsKnown(const Channel& channel) const {
    return channel.capacity >= 0 && channel.received <= channel.begun;
  }
  bool IsStuck(EventIndex event);
  bool IsLockHeld(const TraceEvent& what, bool to_write) const;
  bool IsChannelStuck(const TraceEvent& what);
  bool OffersMore(uint32_t task, EventIndex event);
  void Take(uint32_t task, EventIndex event);
  int64_t Balance(const absl::flat_hash_map<uint32_t, Uses>& uses) const;

  const TraceIndex& index_;
  std::vector<std::vector<Step>> steps_;  // by task
  std::vector<size_t> begun_;             // by task: how many of its last steps are without an end so far
  std::vector<Channel> channels_;
  std::vector<Group> groups_;
  uint64_t count_ = 0;
  // Of one Look().
  const SyncClosure* run_ = nullptr;
  std::vector<size_t> at_;  // by task: the next of steps_
  std::vector<bool> is_forked_;
  absl::flat_hash_map<uint32_t, std::vector<Hold>> holds_;  // by lock
  absl::flat_hash_map<uint32_t, Offers> offers_;            // by channel
  absl::flat_hash_map<uint32_t, int64_t> dones_;            // by group
  Freed freed_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_STUCK_TASKS_H_
