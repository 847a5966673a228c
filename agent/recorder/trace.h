// SPDX-License-Identifier: Apache-2.0
// trace.h: writes what threads do to the trace (agent/wire/trace_ring.h), if one was asked for.
//
// A chunk is taken without a lock. When all are full the thread waits until `stray run` has emptied one, or, by
// option, goes on and counts what it could not write.
#ifndef STRAY_AGENT_RECORDER_TRACE_H_
#define STRAY_AGENT_RECORDER_TRACE_H_

#include "agent/recorder/thread.h"
#include "agent/wire/trace_ring.h"

namespace stray::agent {

enum class TraceMode : uint64_t {
  kOff = 0,
  kWait = 1,  // for room
  kDrop = 2,  // what there is no room for
};

class Trace {
 public:
  // For a new black box.
  static void Initialize(TraceMode mode, const char* session);

  // The calling thread, just bound, begins its stream; and ends it.
  static void Begin(const InsideAgent& inside, Thread* thread);
  static void End(const InsideAgent& inside, Thread* thread);

  // The calling thread runs goroutines.
  static void NoteMachine(Thread* thread);

  // The functions below are for threads of which Thread::is_traced is true. `object`: or a task's serial.
  static void Note(Thread* thread, wire::EventKind kind, uint32_t object, wire::Site site);
  // The same of what RecordEvent() tells too late (a signal, a new task), and of the end of what it tells the
  // beginning of (a barrier).
  static void NoteBegun(Thread* thread, wire::EventKind kind, uint32_t object, wire::Site site);
  static void NoteLeft(Thread* thread, wire::EventKind kind, uint32_t object, wire::Site site);
  static void Request(Thread* thread, uint32_t object, bool reads, wire::Site site);
  // `what`: the object that it waits for, or the task, for a join.
  static void WaitBegun(Thread* thread, wire::WaitReason reason, uint32_t what, wire::Site site);
  static void WaitEnded(Thread* thread, uint16_t reason);
  // What the program gives to the outside, and what it gets from there: other tasks may have caused that.
  static void Give(Thread* thread);
  static void Get(Thread* thread);

  // See stray_agent_trace_cursor().
  static trace::Cursor* Attach(uint32_t abi, trace::Cursor** pointer);

  // Memory that the calling thread is about to give back.
  static void Freed(const void* block, size_t bytes);

  static bool IsOn();
  // What time it is, unless that was written already.
  static void TellNow(trace::Cursor* cursor);

 private:
  static bool Refill(trace::Cursor* cursor);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_TRACE_H_
