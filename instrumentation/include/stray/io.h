// SPDX-License-Identifier: Apache-2.0
// io.h: descriptors. A goroutine that waits here holds up no other; its wait reason is "IO wait".
//
//   stray::IoResult got = stray::Read(fd, buffer, sizeof(buffer));
//   if (got.error) ...
//   if (got.count == 0) ...  // the end
//
// The descriptors must be non-blocking (SetNonBlocking); files of a disk are always ready. Errors are values,
// not errno, which belongs to a thread: a goroutine may return in another one. A deadline that has passed is
// std::errc::timed_out. Closing a descriptor does not wake who waits for it; shutdown() does.
#ifndef STRAY_IO_H_
#define STRAY_IO_H_

#include <sys/socket.h>

#include <cstddef>
#include <system_error>

#include "stray/time.h"

namespace stray {

inline constexpr Time kNoDeadline = Time::max();

struct IoResult {
  size_t count = 0;  // bytes
  std::error_code error;
};

struct AcceptResult {
  int fd = -1;  // non-blocking, close-on-exec
  std::error_code error;
};

std::error_code SetNonBlocking(int fd);

// Until `fd` can be read (or written) without waiting, has failed, or was hung up.
std::error_code WaitReadable(int fd, Time deadline = kNoDeadline);
std::error_code WaitWritable(int fd, Time deadline = kNoDeadline);

// As read(2): at least one byte, or the end of the file (0).
IoResult Read(int fd, void* buffer, size_t size, Time deadline = kNoDeadline);
// All of it, unless there is an error; then `count` says how much was written. Raises no SIGPIPE for a socket.
IoResult Write(int fd, const void* data, size_t size, Time deadline = kNoDeadline);
AcceptResult Accept(int listener, Time deadline = kNoDeadline);
std::error_code Connect(int fd, const sockaddr* address, socklen_t size, Time deadline = kNoDeadline);

}  // namespace stray

#endif  // STRAY_IO_H_
