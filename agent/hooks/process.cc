// SPDX-License-Identifier: Apache-2.0
// process.cc: waiting for child processes. system() and pclose() wait inside libc, where no hook sees it.
//
// popen() is left alone: it does not wait, and its child inherits the environment as any other.
#include "agent/hooks/blocking.h"

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT pid_t wait(int* status) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().wait(status);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, 0, STRAY_CALLER_SITE(thread)), real_functions.wait,
                 status);
}

STRAY_EXPORT pid_t waitpid(pid_t pid, int* status, int options) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (options & WNOHANG) != 0) return Real().waitpid(pid, status, options);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, static_cast<uint64_t>(pid), STRAY_CALLER_SITE(thread)),
                 real_functions.waitpid, pid, status, options);
}

STRAY_EXPORT pid_t wait3(int* status, int options, rusage* usage) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr || (options & WNOHANG) != 0) return Real().wait3(status, options, usage);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, 0, STRAY_CALLER_SITE(thread)), real_functions.wait3,
                 status, options, usage);
}

STRAY_EXPORT pid_t wait4(pid_t pid, int* status, int options, rusage* usage) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr || (options & WNOHANG) != 0) return Real().wait4(pid, status, options, usage);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, static_cast<uint64_t>(pid), STRAY_CALLER_SITE(thread)),
                 real_functions.wait4, pid, status, options, usage);
}

STRAY_EXPORT int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (options & WNOHANG) != 0) return Real().waitid(type, id, info, options);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, id, STRAY_CALLER_SITE(thread)), real_functions.waitid,
                 type, id, info, options);
}

STRAY_EXPORT int system(const char* command) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().system(command);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, 0, STRAY_CALLER_SITE(thread)), real_functions.system,
                 command);
}

STRAY_EXPORT int pclose(FILE* stream) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pclose(stream);
  return Blocked(thread, WaitOn(WaitReason::kWaitPid, 0, STRAY_CALLER_SITE(thread)), real_functions.pclose,
                 stream);
}
