// SPDX-License-Identifier: Apache-2.0
// sleep.cc: sleeping, and waiting for signals. Inside libc each of these makes the system call by itself, so
// each needs its own hook. sched_yield does not block.
#include <errno.h>

#include "agent/hooks/blocking.h"

namespace stray::agent {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

timespec Minus(const timespec& a, const timespec& b) {
  timespec result = {a.tv_sec - b.tv_sec, a.tv_nsec - b.tv_nsec};
  if (result.tv_nsec < 0) result = {result.tv_sec - 1, result.tv_nsec + kSecondNs};
  return result.tv_sec < 0 ? timespec{} : result;
}

timespec ToTimespec(uint64_t ns) {
  return {static_cast<time_t>(ns / kSecondNs), static_cast<long>(ns % kSecondNs)};
}

// Sleeps for what is left of an interrupted sleep, and updates it; 0 or -1 with errno. Not by nanosleep(): a
// handler of the program that became due meanwhile must end the sleep, so the signal mask has to change in the
// same system call.
int SleepOn(ResumableCall& call, timespec* left) {
  const uint64_t start = PreciseNow();
  const int result = Real().ppoll(nullptr, 0, left, call.Mask());
  *left = Minus(*left, ToTimespec(PreciseNow() - start));
  return result;
}

// The same until `deadline` of a clock that may be set meanwhile; 0 or an error number.
int SleepOnUntil(ResumableCall& call, clockid_t clock, const timespec& deadline) {
  const int saved_errno = errno;
  int error = 0;
  for (;;) {
    timespec now = {};
    clock_gettime(clock, &now);
    const timespec left = Minus(deadline, now);
    // Even if nothing is left: a signal may have come before the time was over.
    if (Real().ppoll(nullptr, 0, &left, call.Mask()) != 0) {
      error = errno;
      break;
    }
    if (left.tv_sec == 0 && left.tv_nsec == 0) break;
  }
  errno = saved_errno;
  return error;
}

// One that stands still while no processor is used: no sleep in real time can stand for one on it.
bool IsProcessorClock(clockid_t clock) {
  return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

// nanosleep() as the functions below are made of it. `left` is written only if the sleep was ended.
[[gnu::always_inline]] inline int Sleep(Thread* thread, const timespec* duration, timespec* left,
                                        wire::Site site) {
  timespec rest;
  const int result = BlockedResuming(
      thread, WaitOn(WaitReason::kNanosleep, 0, site, Limit::kTimed),
      [&rest](ResumableCall& call) { return SleepOn(call, &rest); }, real_functions.nanosleep, duration, &rest);
  if (result != 0 && errno == EINTR && left != nullptr) *left = rest;
  return result;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT int nanosleep(const timespec* duration, timespec* left) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().nanosleep(duration, left);
  return Sleep(thread, duration, left, STRAY_CALLER_SITE(thread));
}

STRAY_EXPORT int clock_nanosleep(clockid_t clock, int flags, const timespec* duration, timespec* left) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().clock_nanosleep(clock, flags, duration, left);
  timespec rest;
  const auto again = [&](ResumableCall& call) {
    if (!IsProcessorClock(clock)) {
      if ((flags & TIMER_ABSTIME) != 0) return SleepOnUntil(call, clock, *duration);
      const int saved_errno = errno;
      const int error = SleepOn(call, &rest) == 0 ? 0 : errno;
      errno = saved_errno;
      return error;
    }
    if (!call.UnblockSignals()) return EINTR;
    const timespec next = (flags & TIMER_ABSTIME) != 0 ? *duration : rest;
    return Real().clock_nanosleep(clock, flags, &next, &rest);
  };
  const int error =
      BlockedResuming(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                      again, real_functions.clock_nanosleep, clock, flags, duration, &rest);
  if (error == EINTR && (flags & TIMER_ABSTIME) == 0 && left != nullptr) *left = rest;
  return error;
}

STRAY_EXPORT int usleep(useconds_t microseconds) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().usleep(microseconds);
  const timespec duration = ToTimespec(uint64_t{microseconds} * 1000);
  return Sleep(thread, &duration, nullptr, STRAY_CALLER_SITE(thread));
}

STRAY_EXPORT unsigned sleep(unsigned seconds) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sleep(seconds);
  timespec duration = {static_cast<time_t>(seconds), 0};
  return Sleep(thread, &duration, &duration, STRAY_CALLER_SITE(thread)) == 0
             ? 0
             : static_cast<unsigned>(duration.tv_sec);
}

STRAY_EXPORT int thrd_sleep(const timespec* duration, timespec* left) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().thrd_sleep(duration, left);
  timespec rest;
  const auto again = [&rest](ResumableCall& call) {
    const int saved_errno = errno;
    const int result = SleepOn(call, &rest) == 0 ? 0 : -1;
    errno = saved_errno;
    return result;
  };
  const int result =
      BlockedResuming(thread, WaitOn(WaitReason::kNanosleep, 0, STRAY_CALLER_SITE(thread), Limit::kTimed),
                      again, real_functions.thrd_sleep, duration, &rest);
  if (result == -1 && left != nullptr) *left = rest;
  return result;
}

STRAY_EXPORT int pause() {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pause();
  return BlockedResuming(
      thread, WaitOn(WaitReason::kPause, 0, STRAY_CALLER_SITE(thread)),
      [](ResumableCall& call) { return Real().sigsuspend(call.Mask()); }, real_functions.pause);
}

// Waits as pause() does: until a handler has run.
STRAY_EXPORT int sigsuspend(const sigset_t* mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sigsuspend(mask);
  return BlockedResuming(
      thread, WaitOn(WaitReason::kPause, 0, STRAY_CALLER_SITE(thread)),
      [=](ResumableCall&) { return Real().sigsuspend(mask); }, real_functions.sigsuspend, mask);
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
  return BlockedRepeating(thread, WaitOn(WaitReason::kSigWait, 0, STRAY_CALLER_SITE(thread)),
                          real_functions.sigwaitinfo, set, info);
}

STRAY_EXPORT int sigtimedwait(const sigset_t* __restrict set, siginfo_t* __restrict info,
                              const timespec* __restrict timeout) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sigtimedwait(set, info, timeout);
  return BlockedResuming(
      thread, WaitOn(WaitReason::kSigWait, 0, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) {
        const timespec left = timeout == nullptr ? timespec{} : call.Left(*timeout);
        if (!call.UnblockSignals()) return -1;
        return Real().sigtimedwait(set, info, timeout == nullptr ? nullptr : &left);
      },
      real_functions.sigtimedwait, set, info, timeout);
}
