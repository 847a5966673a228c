// SPDX-License-Identifier: Apache-2.0
// agent.h: the life of the agent in one process.
//
//   off -> on          constructor: session given, black box made
//   on -> forked       in a child of fork: nothing recorded, the parent's box untouched
//   forked -> on       at the child's first call that matters; a child that only execs never gets there
//   on -> done         final snapshot taken
#ifndef STRAY_AGENT_AGENT_H_
#define STRAY_AGENT_AGENT_H_

#include <cstdint>

#include "agent/options.h"
#include "agent/recorder/thread.h"

namespace stray::agent {

enum class AgentState : uint32_t { kOff, kOn, kForked, kDone };

class Agent {
 public:
  static AgentState State();
  static const Options& GetOptions();

  // True if this is the process whose black box we write: false in a child of vfork, which shares our memory.
  static bool IsOwnProcess();

  // The program ends now: waits until leftover tasks have ended or can never end, takes the final snapshot and
  // closes the black box. Once per process. `status` -1: not known.
  static void Finish(wire::SnapshotReason reason, int status);

  // Around each fork. The child only marks that it is one (see above).
  static void BeforeFork();
  static void AfterForkInParent();
  static void AfterForkInChild();

  // The process image is about to be replaced, or was not after all.
  static void BeginExec();
  static void CancelExec();
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_AGENT_H_
