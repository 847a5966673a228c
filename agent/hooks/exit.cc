// SPDX-License-Identifier: Apache-2.0
// exit.cc: the ways out of a process that do not pass through the agent's destructor, and _Fork.
//
// exit() and the end of main run atexit handlers and static destructors first; the agent's destructor comes
// after them and does the final check (agent.cc). The calls here end the process at once.
#include "agent/agent.h"
#include "agent/hooks/real.h"
#include "agent/recorder/box.h"

namespace stray::agent {
namespace {

// The calling task now runs exit handlers, and may still wake others from them.
void NoteExitStatus(int status) {
  if (Agent::State() != AgentState::kOn || !Agent::IsOwnProcess()) return;
  Box::Header()->exit_status = status & 0xff;
  if (tls.self == nullptr) return;
  tls.self->record->flags |= wire::kTaskInExit;
  Box::Header()->exiting_task = tls.self->record->serial;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT void exit(int status) noexcept {
  NoteExitStatus(status);
  Real().exit(status);
  __builtin_unreachable();
}

STRAY_EXPORT void _exit(int status) {
  Agent::Finish(wire::SnapshotReason::kQuickExit, status & 0xff);
  Real()._exit(status);
  __builtin_unreachable();
}

STRAY_EXPORT void _Exit(int status) noexcept {
  Agent::Finish(wire::SnapshotReason::kQuickExit, status & 0xff);
  Real()._Exit(status);
  __builtin_unreachable();
}

// The check itself is an at_quick_exit handler (agent.cc), which runs after those of the program.
STRAY_EXPORT void quick_exit(int status) noexcept {
  NoteExitStatus(status);
  Real().quick_exit(status);
  __builtin_unreachable();
}

// Unlike fork(), runs no atfork handlers: the child must not write into its parent's black box.
STRAY_EXPORT pid_t _Fork() noexcept {
  Agent::BeforeFork();
  const pid_t child = Real()._Fork();
  if (child == 0) {
    Agent::AfterForkInChild();
  } else {
    Agent::AfterForkInParent();
  }
  return child;
}
