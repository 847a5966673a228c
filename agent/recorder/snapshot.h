// SPDX-License-Identifier: Apache-2.0
// snapshot.h: all live tasks at one instant, with stacks.
//
// Whoever takes the snapshot (a thread in an exit hook, or one that got the snapshot signal) does all the
// work: it walks blocked threads from the registers they left behind, without disturbing them; threads
// that run are stopped one after the other by a signal whose handler hands over its registers and waits until
// it has been walked, some microseconds later.
//
// Tried and dropped
//   - Each running thread walks itself in its handler. Needs some 10 KiB on stacks that may have 16 in all.
//   - A thread of the agent's own. Changes what the program sees (thread counts, unshare, exit of main). Only a
//   runtime
//     of goroutines lends us one (Signals::ServeRequests): it has threads of its own anyway, and one of them in
//     the middle of a snapshot would keep its goroutines and timers waiting.
#ifndef STRAY_AGENT_RECORDER_SNAPSHOT_H_
#define STRAY_AGENT_RECORDER_SNAPSHOT_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

struct SnapshotOrder {
  wire::SnapshotReason reason = wire::SnapshotReason::kNone;
  uint32_t test = 0;     // of kTest
  uint32_t request = 0;  // as BlackBoxHeader::request_seq counts them
  // A request does; what is taken by itself says who can reach what wherever that was asked for.
  bool wants_proof = false;
  bool may_return_early = false;  // before it is known who can reach what
  bool is_final = false;          // the process ends: no other one takes its place
};

class Snapshots {
 public:
  // Takes one into the black box. `self` are the registers of the calling thread where it was interrupted;
  // null: it is walked from here. Returns false if it is not complete: another thread is at it, or, if that is
  // allowed, a copy of the process is (IsUnfinished() then).
  static bool Take(const InsideAgent& inside, const SnapshotOrder& order, const Registers* self);

  // The same when the process, or a test in it, is about to end: what another thread has begun is waited for,
  // some seconds at most, and then one is taken all the same, which shows the end.
  static bool TakeLast(const InsideAgent& inside, const SnapshotOrder& order, const Registers* self);

  // Whether a copy of the process still works on the last one.
  static bool IsUnfinished();
  // Completes that snapshot if the copy is through. True for one caller, who is told the request it was for. A
  // copy that has died early leaves no snapshot: it has to be taken again.
  static bool FinishIfEnded(const InsideAgent& inside, uint32_t* request);
  // Completes it without what the copy would have found; where that is the goroutines, there is no snapshot.
  static void Abandon();

  // Called in a running thread by the handler of the snapshot signal: if the thread is wanted, offers
  // `registers` and waits until they have been used.
  static void OfferSelf(Thread* thread, const Registers& registers);
  static bool IsWanted(const Thread* thread);

  // For a thread that waits inside the agent, where signals are put off: the same, if it is wanted.
  static void OfferIfWanted();

  // Waits until `thread`, which a signal has interrupted in a wait, is back in it or goes on; at most 100 ms.
  // A snapshot that shows it on a processor says that it is not blocked.
  static void AwaitReturn(const Thread* thread);

  // After fork: nobody is taking a snapshot here.
  static void Reset();
};

// How the kernel sees a thread of this process.
struct KernelState {
  bool exists = false;
  bool running = false;  // on a processor or ready to run
  int system_call = -1;
};
KernelState ReadKernelState(int tid);

// True if thread `tid` of this process has `signal` blocked.
bool IsSignalBlocked(int tid, int signal);

// Calls `visit(tid, argument)` for each kernel thread of the process.
void ForEachKernelThread(void (*visit)(int tid, void* argument), void* argument);

// Kernel threads of the process that are no task we know. Notes how many of them are libc's own, for the
// snapshot that is being taken.
uint32_t CountUnknownThreads();

// Whether there are any, outside a snapshot.
bool HasUnknownThreads();

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_SNAPSHOT_H_
