// SPDX-License-Identifier: Apache-2.0
// streamed_races.h: races by happens-before of a recorded trace that is not kept in memory. What it takes is
// for tasks, locks, and for what memory and syncs are in use at a time; not for events.
#ifndef STRAY_ANALYZER_LOAD_STREAMED_RACES_H_
#define STRAY_ANALYZER_LOAD_STREAMED_RACES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/load/event_maker.h"
#include "analyzer/load/trace_memory.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

struct StreamedAccess {
  // A lock that the task had; to write, if it had it in both modes. The place is that of the last acquire.
  struct Held {
    uint32_t lock;
    bool to_write;
    RecordedPlace place;
  };

  EventIndex event = kNoEvent;
  bool writes = false;
  RecordedPlace place = {};
  std::vector<Held> held;  // by lock
};

// The first race of each two places in the program.
struct StreamedRace {
  StreamedAccess first, second;
  TraceMemory::Variable variable;
  uint32_t similar = 0;  // more of them at the same places
};

struct StreamedTrace {
  RecordedProgram program;
  std::vector<StreamedRace> races;   // in the order of the second access
  std::vector<RecordedPlace> forks;  // by task, as far as any was forked; callers kNoFork: it was not
  uint64_t events = 0;               // that the engines would get of it

  static constexpr uint32_t kNoFork = UINT32_MAX;
};

// Reads the trace once, and if there are races once more to see who had which locks. kResourceExhausted: there
// are more events than can be numbered.
absl::StatusOr<StreamedTrace> StreamRaces(const ProcessModel& process, LearnedTrace& learned);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_STREAMED_RACES_H_
