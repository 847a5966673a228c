// SPDX-License-Identifier: Apache-2.0
// goroutines.h: the tasks of a goroutine runtime in this process, as they are at a snapshot.
//
// The runtime pays nothing for being watched: its records are walked where they are, the stacks of parked
// goroutines from the registers they left. Goroutines run on meanwhile; one that was not where we took it for
// is looked at again.
#ifndef STRAY_AGENT_RECORDER_GOROUTINES_H_
#define STRAY_AGENT_RECORDER_GOROUTINES_H_

#include "agent/recorder/stacks.h"
#include "agent/recorder/thread.h"
#include "agent/wire/goroutine_records.h"
#include "agent/wire/runtime_abi.h"

namespace stray::agent {

// A thread that waits for an object of the runtime. The runtime's system calls are its own, so no hook sees
// them.
struct RuntimeWait {
  int32_t tid;
  uint16_t reason;
  uint32_t object;
  uint64_t address;
  uint64_t since_ns;
};

class Goroutines {
 public:
  // A runtime is there. False: it is of another version, or the second one.
  static bool Attach(const runtime_abi::RuntimeDescriptor* runtime);
  static bool IsAttached();
  // After fork: no goroutine runs in the child.
  static void Forget();

  // Writes all live goroutines to the box, into region kGoroutines; returns how many. The stack of a running
  // one is that of its thread, as the snapshot has just found it. Context: the one snapshot.
  static uint32_t Record(const InsideAgent& inside, StackBuffer* buffer);

  // The number of a task of the runtime, by its id there, as the snapshot that is being taken knows it.
  static uint32_t NumberOf(uint64_t id);

  // The number of a task of the runtime, by its id there; the object that such a wait is for, 0: none.
  static uint32_t Task(uint64_t id);
  static uint32_t Object(const InsideAgent& inside, uint16_t wait_reason, const void* address);

  // Where its holder took the object that such a wait is for; 0: nobody has it, or that is not known.
  static wire::Site HolderSite(uint16_t wait_reason, const void* address);

  // The wait of a thread that uses the runtime's objects, as Record() has found it; null if it does not wait
  // there.
  static const RuntimeWait* ThreadWait(int32_t tid);
  // Its labels, likewise, as GoroutineState has them; 0: none.
  static uint32_t ThreadLabels(int32_t tid);

  // The goroutine that the calling thread, which runs goroutines, runs; null: none.
  static runtime_abi::GoroutineRecord* Current();

  // Calls `visit(record, argument)` for each goroutine or fiber that has not ended, until it returns false.
  static void ForEachLive(bool (*visit)(const runtime_abi::GoroutineRecord& record, void* argument),
                          void* argument);

  // The record of the goroutine with this number of the runtime's; null: it has ended.
  static const runtime_abi::GoroutineRecord* Find(uint64_t id);

  // The runtime's release clock: see runtime_abi.h.
  static uint64_t ReleaseClock();

  // The locks that such a thread has there are added to its copy in the snapshot.
  static void AddThreadHeld(const InsideAgent& inside, wire::TaskRecord* copy);

  // The runtime's memory, for who looks for pointers: pieces of side-by-side stacks, by number from 0, and the
  // records, which lie in `RecordBytes()` each with what the goroutine has been given to run. False: no more.
  static bool StackPiece(size_t number, uint64_t* start, uint64_t* end);
  static uint64_t StackBytes();
  static bool RecordPiece(size_t number, uint64_t* start, uint64_t* end);
  static uint64_t RecordBytes();

  // Functions of the program that timers of the runtime will still call.
  static uint64_t PendingCalls();
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_GOROUTINES_H_
