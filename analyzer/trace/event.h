// SPDX-License-Identifier: Apache-2.0
// event.h: a trace: what the tasks of a program did, in one order in which it happened.
//
// Names are numbers here, counted from 0 in the order in which they first occur; Trace has the words.
#ifndef STRAY_ANALYZER_TRACE_EVENT_H_
#define STRAY_ANALYZER_TRACE_EVENT_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace stray::analyzer {

enum class TraceOp : uint8_t {
  kRead,     // operand: variable
  kWrite,    // variable
  kAcquire,  // lock
  kRelease,  // lock
  kRequest,  // lock, which the task is about to acquire, or to wait for
  kFork,     // task, which has done nothing before
  kJoin,     // task, which does nothing after
  kBegin,    // mark; these order nothing: begin and end of a block that is meant to be atomic,
  kEnd,
  kEnter,  // of a function,
  kExit,
  kBranch,
  kDummy,
};

// A place in a Trace. More than four billion events are refused by who makes them.
using EventIndex = uint32_t;
inline constexpr EventIndex kNoEvent = std::numeric_limits<EventIndex>::max();

struct TraceEvent {
  uint32_t task;
  uint32_t operand;   // what it is says `op`
  uint32_t location;  // in Trace::locations
  TraceOp op;

  bool operator==(const TraceEvent& other) const = default;
};

constexpr bool IsAccess(TraceOp op) { return op == TraceOp::kRead || op == TraceOp::kWrite; }

struct Trace {
  std::vector<TraceEvent> events;
  std::vector<std::string> tasks;
  std::vector<std::string> variables;
  std::vector<std::string> locks;
  std::vector<std::string> marks;
  std::vector<int64_t> locations;  // lines of a program, or whatever the writer counted
};

// Two accesses to one variable by two tasks, at least one a write; `first` comes first in the trace.
struct AccessPair {
  EventIndex first;
  EventIndex second;

  bool operator==(const AccessPair& other) const = default;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_EVENT_H_
