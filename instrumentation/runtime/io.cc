// SPDX-License-Identifier: Apache-2.0
// io.cc: io.h on the poller. System calls are made without libc: no errno, whose address a compiler may keep
// from before a wait, in another thread.
#include "stray/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/poller.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray {

using runtime::KernelCall;
using runtime::Poller;

namespace {

// For TSan: what comes before a write comes before the end of each later read, whatever they are connected to;
// as in Go's internal/poll.
char order;

template <typename T>
long Word(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

std::error_code ErrorOf(long result) { return {static_cast<int>(-result), std::generic_category()}; }

bool WouldWait(long result) { return result == -EAGAIN || result == -EWOULDBLOCK; }

std::error_code WaitFor(int fd, bool write, Time deadline) {
  const int64_t deadline_ns = deadline == kNoDeadline ? runtime::kNever : deadline.time_since_epoch().count();
  const int error = Poller::WaitFor(fd, write, deadline_ns);
  return error == EPERM ? std::error_code() : ErrorOf(-error);
}

// Makes the call until it has a result, and waits for the descriptor in between.
template <typename Call>
long Insist(int fd, bool write, Time deadline, std::error_code* error, Call call) {
  for (;;) {
    const long result = call();
    if (result == -EINTR) continue;
    if (!WouldWait(result)) {
      if (result < 0) *error = ErrorOf(result);
      return result;
    }
    *error = WaitFor(fd, write, deadline);
    if (*error) return -1;
  }
}

long WriteSome(int fd, const char* data, size_t size) {
  const auto length = static_cast<long>(size);
  const long sent = KernelCall(SYS_sendto, fd, Word(data), length, MSG_NOSIGNAL, 0, 0);
  return sent == -ENOTSOCK ? KernelCall(SYS_write, fd, Word(data), length) : sent;
}

}  // namespace

std::error_code SetNonBlocking(int fd) {
  const long flags = KernelCall(SYS_fcntl, fd, F_GETFL);
  if (flags < 0) return ErrorOf(flags);
  const long result = KernelCall(SYS_fcntl, fd, F_SETFL, flags | O_NONBLOCK);
  return result < 0 ? ErrorOf(result) : std::error_code();
}

std::error_code WaitReadable(int fd, Time deadline) { return WaitFor(fd, false, deadline); }
std::error_code WaitWritable(int fd, Time deadline) { return WaitFor(fd, true, deadline); }

IoResult Read(int fd, void* buffer, size_t size, Time deadline) {
  IoResult result;
  const long count = Insist(fd, false, deadline, &result.error,
                            [&] { return KernelCall(SYS_read, fd, Word(buffer), static_cast<long>(size)); });
  tsan::Acquire(&order);
  if (count > 0) result.count = static_cast<size_t>(count);
  return result;
}

IoResult Write(int fd, const void* data, size_t size, Time deadline) {
  IoResult result;
  const auto* bytes = static_cast<const char*>(data);
  tsan::Release(&order);
  while (result.count < size) {
    const long count = Insist(fd, true, deadline, &result.error,
                              [&] { return WriteSome(fd, bytes + result.count, size - result.count); });
    if (result.error) break;
    result.count += static_cast<size_t>(count);
  }
  return result;
}

AcceptResult Accept(int listener, Time deadline) {
  AcceptResult result;
  const long fd = Insist(listener, false, deadline, &result.error,
                         [&] { return KernelCall(SYS_accept4, listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); });
  tsan::Acquire(&order);
  if (fd >= 0) result.fd = static_cast<int>(fd);
  return result;
}

std::error_code Connect(int fd, const sockaddr* address, socklen_t size, Time deadline) {
  tsan::Release(&order);
  const long begun = KernelCall(SYS_connect, fd, Word(address), static_cast<long>(size));
  if (begun == 0) return {};
  if (begun != -EINPROGRESS && begun != -EINTR) return ErrorOf(begun);
  if (std::error_code error = WaitWritable(fd, deadline)) return error;
  int outcome = 0;
  socklen_t length = sizeof(outcome);
  const long asked = KernelCall(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, Word(&outcome), Word(&length));
  return asked < 0 ? ErrorOf(asked) : ErrorOf(-outcome);
}

}  // namespace stray
