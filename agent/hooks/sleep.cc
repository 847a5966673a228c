// SPDX-License-Identifier: Apache-2.0
// sleep.cc: sleeping, and waiting for signals. Inside libc each of these makes the system call by itself, so
// each needs its own hook. sched_yield does not block.
#include "agent/hooks/blocking.h"

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT int nanosleep(const timespec* duration, timespec* left) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().nanosleep(duration, left);
  return Blocked(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                 real_functions.nanosleep, duration, left);
}

STRAY_EXPORT int clock_nanosleep(clockid_t clock, int flags, const timespec* duration, timespec* left) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().clock_nanosleep(clock, flags, duration, left);
  return Blocked(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                 real_functions.clock_nanosleep, clock, flags, duration, left);
}

STRAY_EXPORT int usleep(useconds_t microseconds) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().usleep(microseconds);
  return Blocked(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                 real_functions.usleep, microseconds);
}

STRAY_EXPORT unsigned sleep(unsigned seconds) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sleep(seconds);
  return Blocked(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                 real_functions.sleep, seconds);
}

STRAY_EXPORT int thrd_sleep(const timespec* duration, timespec* left) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().thrd_sleep(duration, left);
  return Blocked(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                 real_functions.thrd_sleep, duration, left);
}

STRAY_EXPORT int pause() {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pause();
  return Blocked(thread, WaitOn(WaitReason::kPause, 0, STRAY_CALLER_SITE(thread)), real_functions.pause);
}

// Waits as pause() does: until a handler has run.
STRAY_EXPORT int sigsuspend(const sigset_t* mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sigsuspend(mask);
  return Blocked(thread, WaitOn(WaitReason::kPause, 0, STRAY_CALLER_SITE(thread)), real_functions.sigsuspend,
                 mask);
}

STRAY_EXPORT int sigwait(const sigset_t* __restrict set, int* __restrict signal) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sigwait(set, signal);
  return Blocked(thread, WaitOn(WaitReason::kSigWait, 0, STRAY_CALLER_SITE(thread)), real_functions.sigwait,
                 set, signal);
}

STRAY_EXPORT int sigwaitinfo(const sigset_t* __restrict set, siginfo_t* __restrict info) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sigwaitinfo(set, info);
  return Blocked(thread, WaitOn(WaitReason::kSigWait, 0, STRAY_CALLER_SITE(thread)), real_functions.sigwaitinfo,
                 set, info);
}

STRAY_EXPORT int sigtimedwait(const sigset_t* __restrict set, siginfo_t* __restrict info,
                              const timespec* __restrict timeout) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sigtimedwait(set, info, timeout);
  return Blocked(thread,
                 WaitOn(WaitReason::kSigWait, 0, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
                 real_functions.sigtimedwait, set, info, timeout);
}
