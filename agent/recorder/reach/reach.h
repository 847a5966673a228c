// SPDX-License-Identifier: Apache-2.0
// reach.h: who can reach what, as part of a snapshot: stray run --prove.
//
//   all threads held ---- snapshot ---- copy of the process (fork) ---- go on
//                                         |
//                                         reads all memory, writes edges into the black box, ends
//
// The program stands still until the copy is made, not while it is read: the copy's memory stays as it was.
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

  // Makes the copy and lets the threads go on, which it says the time of; returns once the copy is through.
  // `here`: registers of the calling thread at the beginning of the calling function; `self`: where it was
  // interrupted, or null. Context: threads are stopped, the rest of the snapshot is written.
  static wire::ReachState CopyAndGoOn(const Registers& here, const Registers* self, uint64_t* went_on_ns);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_REACH_REACH_H_
