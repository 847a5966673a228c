// SPDX-License-Identifier: Apache-2.0
// reach.h: who can reach what, as part of a snapshot: stray run --prove.
//
//   all threads held ---- snapshot ---- copy of the process (fork) ---- go on
//     (but for goroutines)                |
//                                         goroutines into the snapshot; reads all memory, writes edges into the
//                                         black box, ends
//
// The program stands still until the copy is made, not while it is read: the copy's memory stays as it was. A
// thread of the program's that took the snapshot in a signal handler does not wait for the copy either: it is
// looked after when the next signal comes (hooks/signals.cc).
#ifndef STRAY_AGENT_RECORDER_REACH_REACH_H_
#define STRAY_AGENT_RECORDER_REACH_REACH_H_

#include "agent/recorder/thread.h"
#include "agent/wire/reach.h"

namespace stray::agent {

class Reach {
 public:
  // At the start of the process, if it was asked for.
  static void Prepare();
  static bool IsOn();

  // Stops all other threads. Anything but kComplete: why that, or the rest, cannot be done; nobody is stopped
  // then.
  static wire::ReachState Stop();

  // Makes the copy and lets the threads go on, which it says the time of. kNotEnded: the copy is at work, and
  // says in the black box what became of it. `here`: registers of the calling thread at the beginning of the
  // calling function; `self`: where it was interrupted, or null. `before`: called first in the copy, if not
  // null; writes what is left of the snapshot. Context: threads are stopped, the rest of it is written.
  static wire::ReachState CopyAndGoOn(const Registers& here, const Registers* self, void (*before)(),
                                      uint64_t* went_on_ns);

  // Whether the last copy is at work, or has ended and nobody has been told.
  static bool HasCopy();
  // Waits for its end. For one caller: true for who is to finish the snapshot.
  static bool AwaitCopy();
  // The same, but returns false if it is still at work.
  static bool PollCopy();
  // The same, but ends it.
  static bool AbandonCopy();
  // After fork: it is the parent's.
  static void ForgetCopy();

 private:
  static bool Reap(int options);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_REACH_H_
