// SPDX-License-Identifier: Apache-2.0
// io_ipc.cc: POSIX message queues, System V messages and semaphores.
#include "agent/hooks/blocking.h"

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face

STRAY_EXPORT ssize_t mq_receive(mqd_t queue, char* buffer, size_t size, unsigned* priority) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().mq_receive(queue, buffer, size, priority);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kMessageQueue, queue, STRAY_CALLER_SITE(thread)),
                          real_functions.mq_receive, queue, buffer, size, priority);
}

STRAY_EXPORT ssize_t mq_timedreceive(mqd_t queue, char* __restrict buffer, size_t size,
                                     unsigned* __restrict priority, const timespec* __restrict deadline) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().mq_timedreceive(queue, buffer, size, priority, deadline);
  return BlockedRepeating(
      thread, OnDescriptor(WaitReason::kMessageQueue, queue, STRAY_CALLER_SITE(thread), Limit::kTimed),
      real_functions.mq_timedreceive, queue, buffer, size, priority, deadline);
}

STRAY_EXPORT int mq_send(mqd_t queue, const char* data, size_t size, unsigned priority) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().mq_send(queue, data, size, priority);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kMessageQueue, queue, STRAY_CALLER_SITE(thread)),
                          real_functions.mq_send, queue, data, size, priority);
}

STRAY_EXPORT int mq_timedsend(mqd_t queue, const char* data, size_t size, unsigned priority,
                              const timespec* deadline) {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().mq_timedsend(queue, data, size, priority, deadline);
  return BlockedRepeating(
      thread, OnDescriptor(WaitReason::kMessageQueue, queue, STRAY_CALLER_SITE(thread), Limit::kTimed),
      real_functions.mq_timedsend, queue, data, size, priority, deadline);
}

STRAY_EXPORT ssize_t msgrcv(int queue, void* message, size_t size, long type, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & IPC_NOWAIT) != 0) return Real().msgrcv(queue, message, size, type, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSysvIpc, queue, STRAY_CALLER_SITE(thread)),
                          real_functions.msgrcv, queue, message, size, type, flags);
}

STRAY_EXPORT int msgsnd(int queue, const void* message, size_t size, int flags) {
  Thread* thread = KnownThread();
  if (thread == nullptr || (flags & IPC_NOWAIT) != 0) return Real().msgsnd(queue, message, size, flags);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSysvIpc, queue, STRAY_CALLER_SITE(thread)),
                          real_functions.msgsnd, queue, message, size, flags);
}

STRAY_EXPORT int semop(int set, sembuf* operations, size_t count) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().semop(set, operations, count);
  return BlockedRepeating(thread, OnDescriptor(WaitReason::kSysvIpc, set, STRAY_CALLER_SITE(thread)),
                          real_functions.semop, set, operations, count);
}

STRAY_EXPORT int semtimedop(int set, sembuf* operations, size_t count, const timespec* timeout) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().semtimedop(set, operations, count, timeout);
  return BlockedResuming(
      thread, OnDescriptor(WaitReason::kSysvIpc, set, STRAY_CALLER_SITE(thread), TimedIf(timeout != nullptr)),
      [=](ResumableCall& call) {
        const timespec left = timeout == nullptr ? timespec{} : call.Left(*timeout);
        if (!call.UnblockSignals()) return -1;
        return Real().semtimedop(set, operations, count, timeout == nullptr ? nullptr : &left);
      },
      real_functions.semtimedop, set, operations, count, timeout);
}
