// SPDX-License-Identifier: Apache-2.0
// blocking.h: the shape of a hook that only says "blocked in X" while the real call runs.
//
//   STRAY_EXPORT ssize_t read(int fd, void* buffer, size_t size) {
//     Thread* thread = KnownThread();
//     if (thread == nullptr) return Real().read(fd, buffer, size);
//     return Blocked(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
//                    real_functions.read, fd, buffer, size);
//   }
//
// Rules
//   - These calls are no reason to make a thread known: KnownThread(), never CurrentThread().
//   - A call that cannot block (MSG_DONTWAIT, WNOHANG, timeout 0) is forwarded unmarked.
//   - What arguments point to is not read, unless libc itself reads it in the same call: the kernel answers
//     EFAULT where we would crash.
//   - A call that returns EINTR although SA_RESTART is set is made again if the agent's signal ended it:
//     BlockedResuming(), BlockedRepeating().
//   - Cancellation points are not noexcept. If the thread is cancelled inside, the mark stays until it ends.
#ifndef STRAY_AGENT_HOOKS_BLOCKING_H_
#define STRAY_AGENT_HOOKS_BLOCKING_H_

#include "agent/hooks/real.h"
#include "agent/hooks/resumable_call.h"
#include "agent/recorder/record.h"
#include "agent/recorder/sites.h"

// `name`, exported as the same code as `target`, which stands before in the same file: where libc has one
// function under two names and the types are the same on 64-bit systems.
#define STRAY_EXPORT_ALIAS(name, target) \
  extern "C" __attribute__((visibility("default"), alias(#target))) decltype(target) name

namespace stray::agent {

using wire::WaitReason;

// In place of a descriptor, where a call waits for none or for several.
inline constexpr int kNoDescriptor = -1;

enum class Limit : uint16_t { kNone = 0, kTimed = wire::kWaitTimed };

constexpr Limit TimedIf(bool timed) { return timed ? Limit::kTimed : Limit::kNone; }

// A wait for `id`: a descriptor, a process, whatever `reason` makes of it.
inline WaitDescription WaitOn(WaitReason reason, uint64_t id, wire::Site site, Limit limit = Limit::kNone) {
  return {.reason = reason, .flags = static_cast<uint16_t>(limit), .address = id, .site = site};
}

inline WaitDescription OnDescriptor(WaitReason reason, int fd, wire::Site site, Limit limit = Limit::kNone) {
  return WaitOn(reason, static_cast<uint64_t>(static_cast<int64_t>(fd)), site, limit);
}

// Calls `real` while the thread is marked as blocked. Must be inlined: the registers are saved in the frame of
// the hook, which stays alive during the call.
template <typename Function, typename... Arguments>
[[gnu::always_inline]] inline auto Blocked(Thread* thread, const WaitDescription& wait, Function real,
                                           Arguments... arguments) {
  WaitScope scope(thread, wait);
  return real(arguments...);
}

// The same for a call that a signal ends with EINTR: `again(ResumableCall&)` makes it once more, with what is
// left of its time, after it was the agent's own signal that did.
template <typename Again, typename Function, typename... Arguments>
[[gnu::always_inline]] inline auto BlockedResuming(Thread* thread, const WaitDescription& wait, Again again,
                                                   Function real, Arguments... arguments) {
  WaitScope scope(thread, wait);
  ResumableCall call(thread);
  auto result = real(arguments...);
  while (STRAY_UNLIKELY(call.WasInterrupted())) result = again(call);
  return result;
}

// ... where making it once more is simply that: there is no time limit, or it is a deadline, or the socket's.
template <typename Function, typename... Arguments>
[[gnu::always_inline]] inline auto BlockedRepeating(Thread* thread, const WaitDescription& wait, Function real,
                                                    Arguments... arguments) {
  const auto again = [=](ResumableCall& call) {
    using Result = decltype(real(arguments...));
    const bool goes_on = call.AwaitSocket(wait.reason, static_cast<int>(wait.address)) && call.UnblockSignals();
    return goes_on ? real(arguments...) : Result{-1};
  };
  return BlockedResuming(thread, wait, again, real, arguments...);
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_HOOKS_BLOCKING_H_
