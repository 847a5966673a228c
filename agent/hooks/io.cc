// SPDX-License-Identifier: Apache-2.0
// io.cc: reading and writing descriptors.
#include "agent/hooks/blocking.h"

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT ssize_t read(int fd, void* buffer, size_t size) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().read(fd, buffer, size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.read, fd, buffer, size);
}

STRAY_EXPORT ssize_t __read_chk(int fd, void* buffer, size_t size, size_t buffer_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().__read_chk(fd, buffer, size, buffer_size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.__read_chk, fd, buffer, size, buffer_size);
}

STRAY_EXPORT ssize_t write(int fd, const void* data, size_t size) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().write(fd, data, size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.write, fd, data, size);
}

STRAY_EXPORT ssize_t readv(int fd, const iovec* parts, int count) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().readv(fd, parts, count);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.readv, fd, parts, count);
}

STRAY_EXPORT ssize_t writev(int fd, const iovec* parts, int count) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().writev(fd, parts, count);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.writev, fd, parts, count);
}

STRAY_EXPORT ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pread(fd, buffer, size, offset);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.pread, fd, buffer, size, offset);
}
STRAY_EXPORT_ALIAS(pread64, pread);

STRAY_EXPORT ssize_t __pread_chk(int fd, void* buffer, size_t size, off_t offset, size_t buffer_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().__pread_chk(fd, buffer, size, offset, buffer_size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.__pread_chk, fd, buffer, size, offset, buffer_size);
}
STRAY_EXPORT_ALIAS(__pread64_chk, __pread_chk);

STRAY_EXPORT ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pwrite(fd, data, size, offset);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.pwrite, fd, data, size, offset);
}
STRAY_EXPORT_ALIAS(pwrite64, pwrite);

STRAY_EXPORT ssize_t preadv(int fd, const iovec* parts, int count, off_t offset) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().preadv(fd, parts, count, offset);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.preadv, fd, parts, count, offset);
}
STRAY_EXPORT_ALIAS(preadv64, preadv);

STRAY_EXPORT ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pwritev(fd, parts, count, offset);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.pwritev, fd, parts, count, offset);
}
STRAY_EXPORT_ALIAS(pwritev64, pwritev);

STRAY_EXPORT ssize_t preadv2(int fd, const iovec* parts, int count, off_t offset, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & RWF_NOWAIT) != 0) return Real().preadv2(fd, parts, count, offset, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.preadv2, fd, parts, count, offset, flags);
}
STRAY_EXPORT_ALIAS(preadv64v2, preadv2);

STRAY_EXPORT ssize_t pwritev2(int fd, const iovec* parts, int count, off_t offset, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & RWF_NOWAIT) != 0) return Real().pwritev2(fd, parts, count, offset, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.pwritev2, fd, parts, count, offset, flags);
}
STRAY_EXPORT_ALIAS(pwritev64v2, pwritev2);

STRAY_EXPORT int eventfd_read(int fd, eventfd_t* value) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().eventfd_read(fd, value);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRead, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.eventfd_read, fd, value);
}

STRAY_EXPORT int eventfd_write(int fd, eventfd_t value) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().eventfd_write(fd, value);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.eventfd_write, fd, value);
}

// Between two descriptors the side that is written to is named: it is the socket or pipe that a slow reader
// keeps full.
STRAY_EXPORT ssize_t sendfile(int to, int from, off_t* offset, size_t size) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().sendfile(to, from, offset, size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, to, STRAY_CALLER_SITE(thread)),
                          real_functions.sendfile, to, from, offset, size);
}
STRAY_EXPORT_ALIAS(sendfile64, sendfile);

STRAY_EXPORT ssize_t splice(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t size,
                            unsigned flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().splice(from, from_offset, to, to_offset, size, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kWrite, to, STRAY_CALLER_SITE(thread)),
                          real_functions.splice, from, from_offset, to, to_offset, size, flags);
}
