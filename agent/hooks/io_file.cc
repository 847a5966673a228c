// SPDX-License-Identifier: Apache-2.0
// io_file.cc: file locks, waiting for the disk, and opening (which blocks on a fifo until its other end is
// there).
#include <stdarg.h>

#include "agent/hooks/blocking.h"

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT int flock(int fd, int operation) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr || (operation & (LOCK_NB | LOCK_UN)) != 0) return Real().flock(fd, operation);
  return Blocked(thread, OnDescriptor(WaitReason::kFileLock, fd, STRAY_CALLER_SITE(thread)),
                 real_functions.flock, fd, operation);
}

STRAY_EXPORT int lockf(int fd, int operation, off_t size) {
  Thread* thread = KnownThread();
  if (thread == nullptr || operation != F_LOCK) return Real().lockf(fd, operation, size);
  return Blocked(thread, OnDescriptor(WaitReason::kFileLock, fd, STRAY_CALLER_SITE(thread)),
                 real_functions.lockf, fd, operation, size);
}
STRAY_EXPORT_ALIAS(lockf64, lockf);

// The argument is an int, a long, a pointer or missing, depending on the command; a long carries all of them,
// and libc reads it in the same way.
STRAY_EXPORT int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const long argument = va_arg(arguments, long);
  va_end(arguments);
  if (STRAY_LIKELY(command != F_SETLKW && command != F_OFD_SETLKW)) return Real().fcntl(fd, command, argument);
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().fcntl(fd, command, argument);
  return Blocked(thread, OnDescriptor(WaitReason::kFileLock, fd, STRAY_CALLER_SITE(thread)),
                 real_functions.fcntl, fd, command, argument);
}
STRAY_EXPORT_ALIAS(fcntl64, fcntl);

STRAY_EXPORT int fsync(int fd) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().fsync(fd);
  return Blocked(thread, OnDescriptor(WaitReason::kFsync, fd, STRAY_CALLER_SITE(thread)), real_functions.fsync,
                 fd);
}

STRAY_EXPORT int fdatasync(int fd) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().fdatasync(fd);
  return Blocked(thread, OnDescriptor(WaitReason::kFsync, fd, STRAY_CALLER_SITE(thread)),
                 real_functions.fdatasync, fd);
}

STRAY_EXPORT int tcdrain(int fd) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().tcdrain(fd);
  return Blocked(thread, OnDescriptor(WaitReason::kFsync, fd, STRAY_CALLER_SITE(thread)),
                 real_functions.tcdrain, fd);
}

STRAY_EXPORT int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (__OPEN_NEEDS_MODE(flags)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & O_NONBLOCK) != 0) return Real().open(path, flags, mode);
  return Blocked(thread, OnDescriptor(WaitReason::kOpen, kNoDescriptor, STRAY_CALLER_SITE(thread)),
                 real_functions.open, path, flags, mode);
}
STRAY_EXPORT_ALIAS(open64, open);

STRAY_EXPORT int __open_2(const char* path, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & O_NONBLOCK) != 0) return Real().__open_2(path, flags);
  return Blocked(thread, OnDescriptor(WaitReason::kOpen, kNoDescriptor, STRAY_CALLER_SITE(thread)),
                 real_functions.__open_2, path, flags);
}
STRAY_EXPORT_ALIAS(__open64_2, __open_2);

STRAY_EXPORT int openat(int directory, const char* path, int flags, ...) {
  mode_t mode = 0;
  if (__OPEN_NEEDS_MODE(flags)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & O_NONBLOCK) != 0) return Real().openat(directory, path, flags, mode);
  return Blocked(thread, OnDescriptor(WaitReason::kOpen, kNoDescriptor, STRAY_CALLER_SITE(thread)),
                 real_functions.openat, directory, path, flags, mode);
}
STRAY_EXPORT_ALIAS(openat64, openat);

STRAY_EXPORT int __openat_2(int directory, const char* path, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & O_NONBLOCK) != 0) return Real().__openat_2(directory, path, flags);
  return Blocked(thread, OnDescriptor(WaitReason::kOpen, kNoDescriptor, STRAY_CALLER_SITE(thread)),
                 real_functions.__openat_2, directory, path, flags);
}
STRAY_EXPORT_ALIAS(__openat64_2, __openat_2);
