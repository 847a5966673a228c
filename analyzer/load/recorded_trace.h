// SPDX-License-Identifier: Apache-2.0
// recorded_trace.h: what the agent has recorded, as a trace for the engines (analyzer/trace).
//
//   locks           mutexes, rwlocks and spin locks; one whose events contradict each other (taken where nobody
//                   saw it, or by somebody else than who gave it back) orders what it orders, but is no lock
//   syncs           atomics, channels, barriers, once objects, semaphores; conditions for other orders only
//   channels        of the runtime, and its wait groups, by address; what is done to them, which orders nothing
//   variables       memory that several tasks access, one of them to write: trace_memory.h. Other accesses are
//                   left out: no engine could say anything of them
//   locations       places in the program: return addresses. The stack of each event stands beside it
#ifndef STRAY_ANALYZER_LOAD_RECORDED_TRACE_H_
#define STRAY_ANALYZER_LOAD_RECORDED_TRACE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/load/event_maker.h"
#include "analyzer/load/trace_channels.h"
#include "analyzer/load/trace_memory.h"
#include "analyzer/model/model.h"
#include "analyzer/trace/event.h"

namespace stray::analyzer {

struct RecordedTrace : RecordedProgram {
  Trace trace;                       // locations: numbers of `places`
  std::vector<uint32_t> callers_of;  // by event: in `callers`, 0: none known
  // By task: how many events there were before each of its scheduling points.
  std::vector<std::vector<EventIndex>> points;
  // By task: from which of its events on it was no earlier, in nanoseconds since the process began.
  std::vector<std::vector<std::pair<EventIndex, uint64_t>>> times;
  std::vector<TraceMemory::Variable> variables;
  std::vector<ThingTable::Thing> channels;  // by channel
  std::vector<uint32_t> channel_objects;    // by channel: in the model; 0: it has none
  std::vector<ThingTable::Thing> groups;    // by wait group
  std::vector<uint32_t> group_objects;      // by wait group: in the model; 0: it has none

  // When that was, or a little before; 0: not known.
  uint64_t TimeOf(EventIndex event) const;
};

// All of it, in memory. kResourceExhausted: there are more than `most_events`, or than can be numbered.
absl::StatusOr<RecordedTrace> LoadTrace(const ProcessModel& process, LearnedTrace& learned,
                                        EventIndex most_events = kMostEvents);

// The same from the start. What cannot be read is told in `damage`.
absl::StatusOr<RecordedTrace> ReadRecordedTrace(const ProcessModel& process, std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_RECORDED_TRACE_H_
