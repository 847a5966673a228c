// SPDX-License-Identifier: Apache-2.0
// futex.cc: syscall(2), which is how std::atomic::wait, latch, barrier, semaphore, std::future, absl::Mutex,
// Rust and others block and wake.
//
// A system call that is none of ours must cost nothing, and some (clone with a stack of its own) can only be
// made from where the program stands. So the hook is a trampoline in assembler (syscall_x86_64.S,
// syscall_aarch64.S): it compares the number and jumps, to stray_noted_syscall() below or on to the real
// function, with registers and stack as they came.
//
// A wake is recorded only if somebody has waited at the address through us: `waited_at` says so without a lock,
// because unlocking a contended lock of the program is what this often is.
#include <linux/futex.h>
#include <sys/syscall.h>

#include "agent/hooks/blocking.h"
#include "agent/recorder/objects.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

namespace stray::agent {
namespace {

// Younger than the headers we build with; the same on all architectures. The trampolines know the range.
constexpr long kIoUringEnter = 426;
constexpr long kFutexWaitv = 449;
constexpr long kFutex2Wake = 454;
constexpr long kFutex2Wait = 455;
constexpr long kFutex2Private = 128;
constexpr unsigned kIoUringGetEvents = 1, kIoUringSqWait = 4;

struct SystemCall {
  long number;
  long arguments[6];

  const void* Pointer(int i) const { return reinterpret_cast<const void*>(arguments[i]); }
  long Forward() const {
    const long* a = arguments;
    return Real().syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
};

// One bit for each hash of an address that somebody has waited at. Never cleared: a wrong yes costs a look-up.
constexpr uint64_t kFilterBits = 1 << 16;
uint32_t waited_at[kFilterBits / 32];

struct FilterBit {
  explicit FilterBit(const void* address)
      : bit(reinterpret_cast<uint64_t>(address) * 0x9E3779B97F4A7C15u >> 48), mask(1u << (bit % 32)) {}
  void Set() const {
    // Tested first, so that waiters on the same word do not fight for the cache line.
    if (!IsSet()) __atomic_fetch_or(&waited_at[bit / 32], mask, __ATOMIC_RELAXED);
  }
  bool IsSet() const { return (__atomic_load_n(&waited_at[bit / 32], __ATOMIC_RELAXED) & mask) != 0; }

  uint64_t bit;
  uint32_t mask;
};
static_assert(kFilterBits == uint64_t{1} << (64 - 48));

uint32_t WaitedObject(Thread* thread, const void* word, wire::Site site) {
  FilterBit(word).Set();
  return Objects::Cached(thread, wire::ObjectKind::kFutex, word, site);
}

// What a wait does to the word is described by the caller; here only the address becomes an object.
long WaitOnWord(Thread* thread, const SystemCall& call, WaitDescription wait) {
  wait.address = static_cast<uint64_t>(call.arguments[0]);
  wait.object = WaitedObject(thread, call.Pointer(0), wait.site);
  return Blocked(thread, wait, [&call] { return call.Forward(); });
}

// Before the real call: afterwards the waiter may have run, and the word may be gone.
long Wake(Thread* thread, const SystemCall& call, wire::Site site) {
  const void* word = call.Pointer(0);
  if (FilterBit(word).IsSet()) {
    InsideAgent inside;
    if (uint32_t object = Objects::Find(inside, wire::ObjectKind::kFutex, word); object != 0) {
      const uint32_t sequence = __atomic_add_fetch(&Objects::Record(object)->sequence, 1, __ATOMIC_RELAXED);
      RecordEvent(thread, wire::EventKind::kFutexWake, object, sequence, site);
    }
  }
  return call.Forward();
}

long Futex(Thread* thread, const SystemCall& call, wire::Site site) {
  const long operation = call.arguments[1];
  WaitDescription wait = {.reason = WaitReason::kFutex, .site = site};
  wait.extra = static_cast<uint32_t>(call.arguments[2]);
  if ((operation & FUTEX_PRIVATE_FLAG) == 0) wait.flags |= wire::kWaitShared;
  if (call.Pointer(3) != nullptr) wait.flags |= wire::kWaitTimed;
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
      return WaitOnWord(thread, call, wait);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
      wait.reason = WaitReason::kFutexLockPi;
      return WaitOnWord(thread, call, wait);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
    case FUTEX_WAKE_OP:
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
    case FUTEX_UNLOCK_PI:
      return Wake(thread, call, site);
    default:
      return call.Forward();
  }
}

// futex_wait(word, value, mask, flags, timeout, clock)
long Futex2Wait(Thread* thread, const SystemCall& call, wire::Site site) {
  WaitDescription wait = {
      .reason = WaitReason::kFutex, .extra = static_cast<uint64_t>(call.arguments[1]), .site = site};
  if ((call.arguments[3] & kFutex2Private) == 0) wait.flags |= wire::kWaitShared;
  if (call.Pointer(4) != nullptr) wait.flags |= wire::kWaitTimed;
  return WaitOnWord(thread, call, wait);
}

// futex_waitv(waiters, count, flags, timeout, clock): several words at once. Which ones is not read, see
// blocking.h; so nobody can be named who could wake it, and it counts as one that somebody outside can.
long FutexWaitv(Thread* thread, const SystemCall& call, wire::Site site) {
  WaitDescription wait = {.reason = WaitReason::kFutex, .flags = wire::kWaitShared, .site = site};
  wait.address = static_cast<uint64_t>(call.arguments[0]);
  if (call.Pointer(3) != nullptr) wait.flags |= wire::kWaitTimed;
  return Blocked(thread, wait, [&call] { return call.Forward(); });
}

// io_uring_enter(fd, to_submit, min_complete, flags, ...)
long IoUringEnter(Thread* thread, const SystemCall& call, wire::Site site) {
  const unsigned flags = static_cast<unsigned>(call.arguments[3]);
  const bool waits =
      ((flags & kIoUringGetEvents) != 0 && call.arguments[2] != 0) || (flags & kIoUringSqWait) != 0;
  if (!waits) return call.Forward();
  return Blocked(thread, OnDescriptor(WaitReason::kIoUring, static_cast<int>(call.arguments[0]), site),
                 [&call] { return call.Forward(); });
}

__attribute__((noinline)) long NotedCall(Thread* thread, const SystemCall& call, wire::Site site) {
  switch (call.number) {
    case SYS_futex:
      return Futex(thread, call, site);
    case kFutex2Wait:
      return Futex2Wait(thread, call, site);
    case kFutex2Wake:
      return Wake(thread, call, site);
    case kFutexWaitv:
      return FutexWaitv(thread, call, site);
    case kIoUringEnter:
      return IoUringEnter(thread, call, site);
    default:
      return call.Forward();
  }
}

}  // namespace

// What the trampoline calls. The names are those of syscall_x86_64.S and syscall_aarch64.S.
extern "C" {

// The real syscall(2), once it is known.
__attribute__((visibility("hidden"))) void* stray_real_syscall = nullptr;

__attribute__((visibility("hidden"), used)) void* stray_resolve_syscall() {
  InsideAgent inside;  // keeps errno
  void* real = reinterpret_cast<void*>(Real().syscall);
  __atomic_store_n(&stray_real_syscall, real, __ATOMIC_RELEASE);
  return real;
}

// Entered by a jump with registers and stack as the program left them, so the caller here is the program.
__attribute__((visibility("hidden"), used)) long stray_noted_syscall(long number, long a, long b, long c,
                                                                     long d, long e, long f) {
  const SystemCall call = {number, {a, b, c, d, e, f}};
  Thread* thread = KnownThread();
  if (thread == nullptr) return call.Forward();
  return NotedCall(thread, call, STRAY_CALLER_SITE(thread));
}

}  // extern "C"

}  // namespace stray::agent
