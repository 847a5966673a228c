// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/resumable_call.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <ucontext.h>

#include "agent/base/raw.h"
#include "agent/hooks/real.h"

namespace stray::agent {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kCoarsestTickNs = 10'000'000;  // of CLOCK_MONOTONIC_COARSE, with the slowest kernel timer
constexpr size_t kKernelMaskBytes = 8;

int64_t ToNs(const timespec& time) {
  return time.tv_sec > LLONG_MAX / kSecondNs - 1 ? LLONG_MAX : time.tv_sec * kSecondNs + time.tv_nsec;
}

// True if the thread was in a system call, which has been ended by the signal and will not start again.
bool IsInterruptedCall(const ucontext_t& context) {
#if defined(__x86_64__)
  const auto* pc = reinterpret_cast<const unsigned char*>(context.uc_mcontext.gregs[REG_RIP]);
  return context.uc_mcontext.gregs[REG_RAX] == -EINTR && pc[-2] == 0x0f && pc[-1] == 0x05;  // syscall
#elif defined(__aarch64__)
  const auto* pc = reinterpret_cast<const uint32_t*>(context.uc_mcontext.pc);
  return static_cast<int64_t>(context.uc_mcontext.regs[0]) == -EINTR && pc[-1] == 0xd4000001;  // svc #0
#endif
}

// True if a signal waits for which the program has a handler, and which `mask` lets through.
bool IsHandlerDue(uint64_t mask) {
  uint64_t pending = 0;
  RawCall(SYS_rt_sigpending, reinterpret_cast<long>(&pending), kKernelMaskBytes);
  for (pending &= ~mask; pending != 0; pending &= pending - 1) {
    struct sigaction action = {};
    // Through the hook, which says SIG_DFL where the agent's handler stands.
    sigaction(__builtin_ctzll(pending) + 1, nullptr, &action);
    const bool handled =
        (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
    if (handled) return true;
  }
  return false;
}

// The timeout of a socket for one direction; 0: none, or no socket.
int64_t SocketTimeoutNs(int fd, int option) {
  timeval timeout = {};
  socklen_t size = sizeof(timeout);
  const long result = RawCall(SYS_getsockopt, fd, SOL_SOCKET, option, reinterpret_cast<long>(&timeout),
                              reinterpret_cast<long>(&size));
  return result == 0 ? ToNs({timeout.tv_sec, timeout.tv_usec * 1000}) : 0;
}

}  // namespace

void ResumableCall::NoteInterruption(void* context) {
  auto* interrupted = static_cast<ucontext_t*>(context);
  const uint32_t seq = tls.call.wait_seq;
  // A wait that was left by longjmp, or by cancellation, is not the one that is marked.
  if ((seq & 1) == 0 || tls.self == nullptr || tls.self->record->wait_seq != seq) return;
  if (!IsInterruptedCall(*interrupted)) return;
  if (tls.call.mask_kept == 0) {
    memcpy(&tls.call.mask, &interrupted->uc_sigmask, kKernelMaskBytes);
    tls.call.mask_kept = 1;
  }
  memset(&interrupted->uc_sigmask, 0xff, kKernelMaskBytes);
  tls.call.interrupted = 1;
}

const sigset_t* ResumableCall::Mask() {
  memset(&mask_, 0, sizeof(mask_));
  memcpy(&mask_, &tls.call.mask, kKernelMaskBytes);
  return &mask_;
}

bool ResumableCall::UnblockSignals() {
  if (tls.call.mask_kept == 0) return true;
  const uint64_t mask = tls.call.mask;
  const bool due = IsHandlerDue(mask);
  tls.call.mask_kept = 0;
  RawCall(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&mask), 0, kKernelMaskBytes);
  if (due) errno = EINTR;
  return !due;
}

bool ResumableCall::AwaitSocket(wire::WaitReason reason, int fd) {
  using enum wire::WaitReason;
  const bool sends = reason == kSend || reason == kWrite;
  if (!sends && reason != kRecv && reason != kRead && reason != kAccept) return true;
  const int64_t timeout_ns = SocketTimeoutNs(fd, sends ? SO_SNDTIMEO : SO_RCVTIMEO);
  if (timeout_ns == 0) return true;
  pollfd wanted = {fd, static_cast<short>(sends ? POLLOUT : POLLIN), 0};
  const timespec left = Left(timeout_ns);
  const int ready = Real().ppoll(&wanted, 1, &left, Mask());
  if (ready == 0) errno = EAGAIN;
  return ready > 0;
}

timespec ResumableCall::Left(int64_t length_ns) const {
  const auto elapsed = static_cast<int64_t>(PreciseNow() - thread_->record->wait_since_ns) - kCoarsestTickNs;
  int64_t left = elapsed > 0 ? length_ns - elapsed : length_ns;
  if (left < 0) left = 0;
  return {left / kSecondNs, left % kSecondNs};
}

timespec ResumableCall::Left(const timespec& length) const { return Left(ToNs(length)); }

int ResumableCall::LeftMs(int length_ms) const {
  if (length_ms < 0) return length_ms;
  const timespec left = Left(int64_t{length_ms} * 1'000'000);
  const int64_t left_ms = left.tv_sec * 1000 + (left.tv_nsec + 999'999) / 1'000'000;
  return left_ms < length_ms ? static_cast<int>(left_ms) : length_ms;
}

}  // namespace stray::agent
