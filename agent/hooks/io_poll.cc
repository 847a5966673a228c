// SPDX-License-Identifier: Apache-2.0
// io_poll.cc: waiting for one of several descriptors. With a timeout of 0 these calls only look, so they are
// not marked; the kernel ends them with EINTR all the same if a signal is just due. libc reads the time
// structures of ppoll, select and pselect itself, so we may; that of epoll_pwait2 goes to the kernel unread.
#include "agent/hooks/blocking.h"

namespace stray::agent {
namespace {

bool IsZero(const timespec* timeout) {
  return timeout != nullptr && timeout->tv_sec == 0 && timeout->tv_nsec == 0;
}
bool IsZero(const timeval* timeout) {
  return timeout != nullptr && timeout->tv_sec == 0 && timeout->tv_usec == 0;
}

timespec ToTimespec(const timeval& time) { return {time.tv_sec, time.tv_usec * 1000}; }

// poll() and its like once more. `timeout`: null for none.
int PollAgain(ResumableCall& call, pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  const timespec left = timeout == nullptr ? timespec{} : call.Left(*timeout);
  return Real().ppoll(fds, count, timeout == nullptr ? nullptr : &left, mask == nullptr ? call.Mask() : mask);
}

int PollAgain(ResumableCall& call, pollfd* fds, nfds_t count, int timeout_ms) {
  const timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1'000'000};
  return PollAgain(call, fds, count, timeout_ms < 0 ? nullptr : &timeout, nullptr);
}

// `timeout`: what the first call was given; null for none.
int SelectAgain(ResumableCall& call, int limit, fd_set* readable, fd_set* writable, fd_set* except,
                const timespec* timeout, const sigset_t* mask) {
  const timespec left = timeout == nullptr ? timespec{} : call.Left(*timeout);
  return Real().pselect(limit, readable, writable, except, timeout == nullptr ? nullptr : &left,
                        mask == nullptr ? call.Mask() : mask);
}

// `look()` has a timeout of 0. Made once more if it was the agent's signal that ended it.
template <typename Look>
int Looking(Look look) {
  for (;;) {
    const uint32_t signals = tls.own_signals;
    const int result = look();
    if (STRAY_LIKELY(result >= 0) || errno != EINTR || tls.own_signals == signals) return result;
  }
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT int poll(pollfd* fds, nfds_t count, int timeout_ms) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().poll(fds, count, timeout_ms); };
  if (timeout_ms == 0) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      [=](ResumableCall& call) { return PollAgain(call, fds, count, timeout_ms); }, real_functions.poll, fds,
      count, timeout_ms);
}

STRAY_EXPORT int __poll_chk(pollfd* fds, nfds_t count, int timeout_ms, size_t fds_size) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().__poll_chk(fds, count, timeout_ms, fds_size); };
  if (timeout_ms == 0) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      [=](ResumableCall& call) { return PollAgain(call, fds, count, timeout_ms); }, real_functions.__poll_chk,
      fds, count, timeout_ms, fds_size);
}

STRAY_EXPORT int ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().ppoll(fds, count, timeout, mask); };
  if (IsZero(timeout)) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) { return PollAgain(call, fds, count, timeout, mask); }, real_functions.ppoll,
      fds, count, timeout, mask);
}

STRAY_EXPORT int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask,
                             size_t fds_size) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().__ppoll_chk(fds, count, timeout, mask, fds_size); };
  if (IsZero(timeout)) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) { return PollAgain(call, fds, count, timeout, mask); },
      real_functions.__ppoll_chk, fds, count, timeout, mask, fds_size);
}

// Unlike the others it says in `timeout` what was left of it.
STRAY_EXPORT int select(int limit, fd_set* __restrict readable, fd_set* __restrict writable,
                        fd_set* __restrict except, timeval* __restrict timeout) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().select(limit, readable, writable, except, timeout); };
  if (IsZero(timeout)) return Looking(look);
  if (thread == nullptr) return look();
  const timespec length = timeout == nullptr ? timespec{} : ToTimespec(*timeout);
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kSelect, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) {
        const int result = SelectAgain(call, limit, readable, writable, except,
                                       timeout == nullptr ? nullptr : &length, nullptr);
        if (timeout == nullptr) return result;
        const timespec left = result == 0 ? timespec{} : call.Left(length);
        *timeout = {left.tv_sec, left.tv_nsec / 1000};
        return result;
      },
      real_functions.select, limit, readable, writable, except, timeout);
}

STRAY_EXPORT int pselect(int limit, fd_set* __restrict readable, fd_set* __restrict writable,
                         fd_set* __restrict except, const timespec* __restrict timeout,
                         const sigset_t* __restrict mask) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().pselect(limit, readable, writable, except, timeout, mask); };
  if (IsZero(timeout)) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kSelect, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) { return SelectAgain(call, limit, readable, writable, except, timeout, mask); },
      real_functions.pselect, limit, readable, writable, except, timeout, mask);
}

STRAY_EXPORT int epoll_wait(int epoll, epoll_event* events, int count, int timeout_ms) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().epoll_wait(epoll, events, count, timeout_ms); };
  if (timeout_ms == 0) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread, OnDescriptor(WaitReason::kEpollWait, epoll, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      [=](ResumableCall& call) {
        return Real().epoll_pwait(epoll, events, count, call.LeftMs(timeout_ms), call.Mask());
      },
      real_functions.epoll_wait, epoll, events, count, timeout_ms);
}

STRAY_EXPORT int epoll_pwait(int epoll, epoll_event* events, int count, int timeout_ms, const sigset_t* mask) {
  Thread* thread = KnownThread();
  const auto look = [=] { return Real().epoll_pwait(epoll, events, count, timeout_ms, mask); };
  if (timeout_ms == 0) return Looking(look);
  if (thread == nullptr) return look();
  return BlockedResuming(
      thread, OnDescriptor(WaitReason::kEpollWait, epoll, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      [=](ResumableCall& call) {
        return Real().epoll_pwait(epoll, events, count, call.LeftMs(timeout_ms),
                                  mask == nullptr ? call.Mask() : mask);
      },
      real_functions.epoll_pwait, epoll, events, count, timeout_ms, mask);
}

// When it has been interrupted, the kernel has read `timeout` without a fault, so we may.
STRAY_EXPORT int epoll_pwait2(int epoll, epoll_event* events, int count, const timespec* timeout,
                              const sigset_t* mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().epoll_pwait2(epoll, events, count, timeout, mask);
  return BlockedResuming(
      thread,
      OnDescriptor(WaitReason::kEpollWait, epoll, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) {
        const timespec left = timeout == nullptr ? timespec{} : call.Left(*timeout);
        return Real().epoll_pwait2(epoll, events, count, timeout == nullptr ? nullptr : &left,
                                   mask == nullptr ? call.Mask() : mask);
      },
      real_functions.epoll_pwait2, epoll, events, count, timeout, mask);
}
