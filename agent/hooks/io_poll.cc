// SPDX-License-Identifier: Apache-2.0
// io_poll.cc: waiting for one of several descriptors. With a timeout of 0 these calls only look, so they are
// not marked. libc reads the time structures of ppoll, select and pselect itself, so we may; that of
// epoll_pwait2 goes to the kernel unread.
#include "agent/hooks/blocking.h"

namespace stray::agent {
namespace {

bool IsZero(const timespec* timeout) {
  return timeout != nullptr && timeout->tv_sec == 0 && timeout->tv_nsec == 0;
}
bool IsZero(const timeval* timeout) {
  return timeout != nullptr && timeout->tv_sec == 0 && timeout->tv_usec == 0;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT int poll(pollfd* fds, nfds_t count, int timeout_ms) {
  Thread* thread = KnownThread();
  if (thread == nullptr || timeout_ms == 0) return Real().poll(fds, count, timeout_ms);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      real_functions.poll, fds, count, timeout_ms);
}

STRAY_EXPORT int __poll_chk(pollfd* fds, nfds_t count, int timeout_ms, size_t fds_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr || timeout_ms == 0) return Real().__poll_chk(fds, count, timeout_ms, fds_size);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      real_functions.__poll_chk, fds, count, timeout_ms, fds_size);
}

STRAY_EXPORT int ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr || IsZero(timeout)) return Real().ppoll(fds, count, timeout, mask);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      real_functions.ppoll, fds, count, timeout, mask);
}

STRAY_EXPORT int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask,
                             size_t fds_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr || IsZero(timeout)) return Real().__ppoll_chk(fds, count, timeout, mask, fds_size);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kPoll, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      real_functions.__ppoll_chk, fds, count, timeout, mask, fds_size);
}

STRAY_EXPORT int select(int limit, fd_set* __restrict readable, fd_set* __restrict writable,
                        fd_set* __restrict except, timeval* __restrict timeout) {
  Thread* thread = KnownThread();
  if (thread == nullptr || IsZero(timeout)) return Real().select(limit, readable, writable, except, timeout);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kSelect, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      real_functions.select, limit, readable, writable, except, timeout);
}

STRAY_EXPORT int pselect(int limit, fd_set* __restrict readable, fd_set* __restrict writable,
                         fd_set* __restrict except, const timespec* __restrict timeout,
                         const sigset_t* __restrict mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr || IsZero(timeout))
    return Real().pselect(limit, readable, writable, except, timeout, mask);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kSelect, kNoDescriptor, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      real_functions.pselect, limit, readable, writable, except, timeout, mask);
}

STRAY_EXPORT int epoll_wait(int epoll, epoll_event* events, int count, int timeout_ms) {
  Thread* thread = KnownThread();
  if (thread == nullptr || timeout_ms == 0) return Real().epoll_wait(epoll, events, count, timeout_ms);
  return Blocked(
      thread, OnDescriptor(WaitReason::kEpollWait, epoll, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      real_functions.epoll_wait, epoll, events, count, timeout_ms);
}

STRAY_EXPORT int epoll_pwait(int epoll, epoll_event* events, int count, int timeout_ms, const sigset_t* mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr || timeout_ms == 0) return Real().epoll_pwait(epoll, events, count, timeout_ms, mask);
  return Blocked(
      thread, OnDescriptor(WaitReason::kEpollWait, epoll, STRAY_CALLER_SITE(thread), TimedIf(timeout_ms > 0)),
      real_functions.epoll_pwait, epoll, events, count, timeout_ms, mask);
}

STRAY_EXPORT int epoll_pwait2(int epoll, epoll_event* events, int count, const timespec* timeout,
                              const sigset_t* mask) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().epoll_pwait2(epoll, events, count, timeout, mask);
  return Blocked(
      thread,
      OnDescriptor(WaitReason::kEpollWait, epoll, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      real_functions.epoll_pwait2, epoll, events, count, timeout, mask);
}
