// SPDX-License-Identifier: Apache-2.0
// event_maker.h: what the agent has recorded, told event by event in the words of the engines (analyzer/trace).
//
// What the events' numbers mean: recorded_trace.h. Each pass over a trace tells the same events, and of them
// the same tasks, locks, locations and callers.
#ifndef STRAY_ANALYZER_LOAD_EVENT_MAKER_H_
#define STRAY_ANALYZER_LOAD_EVENT_MAKER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/load/trace_channels.h"
#include "analyzer/load/trace_learner.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

// What the numbers in recorded events mean, of which there are not more in a longer trace of the same program.
struct RecordedProgram {
  // A list of callers: a function that was entered from `address`, by whoever stands in `parent`.
  struct Caller {
    uint64_t address;
    uint32_t parent;  // 0: none
  };

  struct Lock {
    uint32_t object;   // in the model; 0: it has none,
    uint64_t address;  // but lies there
    bool is_read;      // it is an rwlock
  };

  std::vector<uint64_t> places;         // by location: a return address; 0: not known
  std::vector<uint32_t> place_stacks;   // by location: the stack in the model that it is instead; 0: none
  std::vector<Caller> callers;          // 0: nobody
  std::vector<uint32_t> task_ids;       // by task: in the model
  std::vector<std::string> task_names;  // by task: as the program calls it; "": it does not
  std::vector<Lock> locks;              // by lock
  // Locations that are none, but the capacity that a kMade tells.
  std::vector<std::pair<uint32_t, uint64_t>> capacities;
  ThingTable channel_table, group_table;
  bool has_accesses = false;  // to memory: the program was built for it
  uint64_t recorded_events = 0;
  uint64_t lost_events = 0;
  uint64_t strange_events = 0;  // that no program can have done, and were left out
};

// Where a task was.
struct RecordedPlace {
  uint32_t task;
  uint32_t location;
  uint32_t callers;
};

// What a sync is of.
struct SyncName {
  enum Kind : uint8_t { kObject, kAddress, kPost } kind;
  uint64_t what;        // object in the model, or address
  uint64_t number = 0;  // kPost: of the semaphore, from 1
};

// Who gets the events.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // `callers`: in RecordedProgram::callers, 0: none known.
  virtual void OnEvent(const TraceEvent& event, uint32_t callers) = 0;
  // The task has come to its next scheduling point.
  virtual void OnPoint(uint32_t /*task*/) {}
  // What it does from here on, it has not done earlier: nanoseconds since the process began.
  virtual void OnTime(uint32_t /*task*/, uint64_t /*time_ns*/) {}
  // There is one sync more, with the next number.
  virtual void OnSync(const SyncName& /*name*/) {}
  // kWhatIsThere: these are no more, and their numbers will mean others.
  virtual void OnVariablesGone(uint32_t /*first*/, uint32_t /*count*/) {}
  virtual void OnSyncGone(uint32_t /*sync*/) {}
};

enum class NumbersOf {
  kAll,          // variables and syncs that there ever were, channels and wait groups
  kWhatIsThere,  // those that there are at a time: this takes no memory for others. Channels have no numbers
};

// kResourceExhausted: there are more than `most_events` of them, or more than can be numbered. The sink has got
// the first ones.
absl::StatusOr<RecordedProgram> MakeEvents(const ProcessModel& process, LearnedTrace& learned,
                                           NumbersOf numbers, EventIndex most_events, EventSink& sink);
inline constexpr EventIndex kMostEvents = kNoEvent - 1;

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_EVENT_MAKER_H_
