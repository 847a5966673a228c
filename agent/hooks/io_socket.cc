// SPDX-License-Identifier: Apache-2.0
// io_socket.cc: sockets. MSG_DONTWAIT is the fast path of event loops and is not marked.
#include "agent/hooks/blocking.h"

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) return Real().recv(fd, buffer, size, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRecv, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.recv, fd, buffer, size, flags);
}

STRAY_EXPORT ssize_t __recv_chk(int fd, void* buffer, size_t size, size_t buffer_size, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0)
    return Real().__recv_chk(fd, buffer, size, buffer_size, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRecv, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.__recv_chk, fd, buffer, size, buffer_size, flags);
}

STRAY_EXPORT ssize_t recvfrom(int fd, void* __restrict buffer, size_t size, int flags,
                              sockaddr* __restrict address, socklen_t* __restrict address_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) {
    return Real().recvfrom(fd, buffer, size, flags, address, address_size);
  }
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRecv, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.recvfrom, fd, buffer, size, flags, address, address_size);
}

STRAY_EXPORT ssize_t __recvfrom_chk(int fd, void* __restrict buffer, size_t size, size_t buffer_size, int flags,
                                    sockaddr* __restrict address, socklen_t* __restrict address_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) {
    return Real().__recvfrom_chk(fd, buffer, size, buffer_size, flags, address, address_size);
  }
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRecv, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.__recvfrom_chk, fd, buffer, size, buffer_size, flags, address,
                          address_size);
}

STRAY_EXPORT ssize_t recvmsg(int fd, msghdr* message, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) return Real().recvmsg(fd, message, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRecv, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.recvmsg, fd, message, flags);
}

// Not timed, whatever `timeout` says: the kernel looks at it only after a message has arrived.
STRAY_EXPORT int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0)
    return Real().recvmmsg(fd, messages, count, flags, timeout);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kRecv, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.recvmmsg, fd, messages, count, flags, timeout);
}

STRAY_EXPORT ssize_t send(int fd, const void* data, size_t size, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) return Real().send(fd, data, size, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSend, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.send, fd, data, size, flags);
}

STRAY_EXPORT ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* address,
                            socklen_t address_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) {
    return Real().sendto(fd, data, size, flags, address, address_size);
  }
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSend, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.sendto, fd, data, size, flags, address, address_size);
}

STRAY_EXPORT ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) return Real().sendmsg(fd, message, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSend, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.sendmsg, fd, message, flags);
}

STRAY_EXPORT int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & MSG_DONTWAIT) != 0) return Real().sendmmsg(fd, messages, count, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSend, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.sendmmsg, fd, messages, count, flags);
}

STRAY_EXPORT int accept(int fd, sockaddr* __restrict address, socklen_t* __restrict address_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().accept(fd, address, address_size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kAccept, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.accept, fd, address, address_size);
}

STRAY_EXPORT int accept4(int fd, sockaddr* __restrict address, socklen_t* __restrict address_size, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().accept4(fd, address, address_size, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kAccept, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.accept4, fd, address, address_size, flags);
}

STRAY_EXPORT int connect(int fd, const sockaddr* address, socklen_t address_size) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().connect(fd, address, address_size);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kConnect, fd, STRAY_CALLER_SITE(thread)),
                          real_functions.connect, fd, address, address_size);
}
