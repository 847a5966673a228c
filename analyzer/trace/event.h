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
  // Edges that are no locks: channels, atomics, barriers, semaphores. What comes before a signal on a sync
  // happens before what comes after a later await there; signals add up.
  kSignal,  // sync
  kAwait,   // sync
  // The same for other orders of the events only, which keep them, but not for happens-before: what a task saw
  // by a relaxed atomic, which value of a channel it got, that a trylock failed. In another order an await as
  // well as a depend comes after each signal and each provide on its sync that was before it.
  kProvide,  // sync
  kDepend,   // sync
  // For reading: several tasks may have a lock so at once, each several times, while no other has it to write.
  // kAcquire and kRelease are for writing.
  kAcquireRead,  // lock
  kReleaseRead,  // lock
  // Takes a free lock, to write, and would not have waited for one that is not. kRelease ends it.
  kTryAcquire,  // lock
  // What is done to channels; it orders nothing, which signals and awaits beside it do. A channel is made, with
  // room for as many values as Trace::locations says there, and whatever may be done to it is told.
  kMade,  // channel
  kFed,   // somebody who is no task sends to it or closes it, too
  // About to be done:
  kSend,
  kReceive,
  kClose,
  kSelectSend,  // a case of a select of several: the end of one ends all
  kSelectReceive,
  kTrySend,  // or is left, if it cannot be done at once
  kTryReceive,
  // Done, by the task that was about to, or by a select or a try that found it ready:
  kSent,
  kReceived,
  kReceivedClosed,  // nothing, since it is closed
  kClosed,
  kLeft,  // there was nothing to be done, and the task does not wait
  // The same of wait groups: their counter is about to be raised or lowered by one, or waited for.
  kAdd,  // wait group
  kDone,
  kWait,
  kWaited,
  // The task was not through: what it would have done after is not in the trace.
  kCut,  // mark
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

// Takes a lock, in whatever mode.
constexpr bool IsAcquire(TraceOp op) {
  return op == TraceOp::kAcquire || op == TraceOp::kTryAcquire || op == TraceOp::kAcquireRead;
}

// Gives something to a sync, which GetsFromSync() gets.
constexpr bool GivesToSync(TraceOp op) { return op == TraceOp::kSignal || op == TraceOp::kProvide; }
constexpr bool GetsFromSync(TraceOp op) { return op == TraceOp::kAwait || op == TraceOp::kDepend; }

// A task is about to do it to a channel, alone or as a case of a select.
constexpr bool BeginsChannelUse(TraceOp op) { return op >= TraceOp::kSend && op <= TraceOp::kTryReceive; }
constexpr bool EndsChannelUse(TraceOp op) { return op >= TraceOp::kSent && op <= TraceOp::kLeft; }
constexpr bool IsOfChannel(TraceOp op) { return op >= TraceOp::kMade && op <= TraceOp::kLeft; }
// About to bring a value to a channel, or to take one, by whatever of these.
constexpr bool IsSend(TraceOp op) {
  return op == TraceOp::kSend || op == TraceOp::kSelectSend || op == TraceOp::kTrySend;
}
constexpr bool IsReceive(TraceOp op) {
  return op == TraceOp::kReceive || op == TraceOp::kSelectReceive || op == TraceOp::kTryReceive;
}
constexpr bool IsOfGroup(TraceOp op) { return op >= TraceOp::kAdd && op <= TraceOp::kWaited; }

struct Trace {
  std::vector<TraceEvent> events;
  std::vector<std::string> tasks;
  std::vector<std::string> variables;
  std::vector<std::string> locks;
  std::vector<std::string> marks;
  std::vector<std::string> syncs;
  std::vector<std::string> channels;
  std::vector<std::string> groups;  // wait groups
  std::vector<int64_t> locations;   // lines of a program, or whatever the writer counted
};

// Two accesses to one variable by two tasks, at least one a write, or what else two tasks do that may not come
// together; `first` comes first in the trace.
struct AccessPair {
  EventIndex first;
  EventIndex second;

  bool operator==(const AccessPair& other) const = default;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_TRACE_EVENT_H_
