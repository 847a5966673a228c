// SPDX-License-Identifier: Apache-2.0
// exit.cc: the ways out of a process that do not pass through the agent's destructor, and exec.
//
// exit() and the end of main run atexit handlers and static destructors first; the agent's destructor comes
// after them and does the final check (agent.cc). The calls here end the process at once.
#include <errno.h>
#include <stdarg.h>

#include "agent/agent.h"
#include "agent/hooks/real.h"
#include "agent/recorder/box.h"

namespace stray::agent {
namespace {

// execl() takes its arguments on the stack, so there are never many.
constexpr int kMaxArguments = 4096;

// Collects the arguments of execl and its kin into `out`, the terminating null included. Returns how many
// there are, or -1 if there are too many.
int CollectArguments(const char* first, va_list arguments, char** out) {
  int count = 0;
  out[count++] = const_cast<char*>(first);
  while (out[count - 1] != nullptr) {
    if (count == kMaxArguments) return -1;
    out[count++] = va_arg(arguments, char*);
  }
  return count;
}

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

#define STRAY_EXEC_HOOK(name, parameters, arguments) \
  STRAY_EXPORT int name parameters noexcept {        \
    Agent::BeginExec();                              \
    const int result = Real().name arguments;        \
    const int error = errno;                         \
    Agent::CancelExec();                             \
    errno = error;                                   \
    return result;                                   \
  }
STRAY_EXEC_HOOK(execve, (const char* path, char* const argv[], char* const envp[]), (path, argv, envp))
STRAY_EXEC_HOOK(execv, (const char* path, char* const argv[]), (path, argv))
STRAY_EXEC_HOOK(execvp, (const char* file, char* const argv[]), (file, argv))
STRAY_EXEC_HOOK(execvpe, (const char* file, char* const argv[], char* const envp[]), (file, argv, envp))
STRAY_EXEC_HOOK(fexecve, (int fd, char* const argv[], char* const envp[]), (fd, argv, envp))

STRAY_EXPORT int execl(const char* path, const char* argument, ...) noexcept {
  char* argv[kMaxArguments];
  va_list arguments;
  va_start(arguments, argument);
  const int count = CollectArguments(argument, arguments, argv);
  va_end(arguments);
  if (count < 0) {
    errno = E2BIG;
    return -1;
  }
  return execv(path, argv);
}

STRAY_EXPORT int execlp(const char* file, const char* argument, ...) noexcept {
  char* argv[kMaxArguments];
  va_list arguments;
  va_start(arguments, argument);
  const int count = CollectArguments(argument, arguments, argv);
  va_end(arguments);
  if (count < 0) {
    errno = E2BIG;
    return -1;
  }
  return execvp(file, argv);
}

STRAY_EXPORT int execle(const char* path, const char* argument, ...) noexcept {
  char* argv[kMaxArguments];
  va_list arguments;
  va_start(arguments, argument);
  const int count = CollectArguments(argument, arguments, argv);
  char* const* envp = count < 0 ? nullptr : va_arg(arguments, char* const*);
  va_end(arguments);
  if (count < 0) {
    errno = E2BIG;
    return -1;
  }
  return execve(path, argv, envp);
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
