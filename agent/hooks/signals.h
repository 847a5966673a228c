// SPDX-License-Identifier: Apache-2.0
// signals.h: the signals the agent listens to without the program noticing.
//
//   snapshot signal      somebody asks for a snapshot, or the taker of one wants this thread's registers
//   fatal and ending     SIGSEGV, SIGABRT, SIGTERM, ...: a snapshot first, then the program dies as it would
//   have
//
// Only signals whose action is the default are taken. A program that asks for the action of one of them is told
// the default, and one that sets its own gets it.
#ifndef STRAY_AGENT_HOOKS_SIGNALS_H_
#define STRAY_AGENT_HOOKS_SIGNALS_H_

#include "agent/recorder/thread.h"

namespace stray::agent {

void InstallSignals();
int SnapshotSignal();

class Signals {
 public:
  // Makes the calling thread the one that takes the snapshots that are asked for. Returns at once if there is
  // one.
  static void ServeRequests(const InsideAgent& inside);
  // After fork.
  static void ForgetServer();
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_SIGNALS_H_
