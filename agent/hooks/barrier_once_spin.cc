// SPDX-License-Identifier: Apache-2.0
// barrier_once_spin.cc: pthread_barrier_*, pthread_once and call_once, pthread_spin_*.
#include <errno.h>

#include "agent/hooks/real.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/record.h"
#include "agent/recorder/sites.h"

namespace stray::agent {
namespace {

uint32_t ObjectAt(wire::ObjectKind kind, const volatile void* address, wire::Site site) {
  InsideAgent inside;
  return Objects::ByAddress(inside, kind, const_cast<const void*>(address), site);
}

void NoteOperation(Thread* thread, uint32_t object, wire::EventKind kind, wire::Site site) {
  if (object == 0) return;
  RecordEvent(thread, kind, object, __atomic_add_fetch(&Objects::Record(object)->sequence, 1, __ATOMIC_RELAXED),
              site);
}

// struct pthread_barrier: | in | current_round | count | shared | out |.
bool IsShared(const pthread_barrier_t* barrier) { return reinterpret_cast<const uint32_t*>(barrier)[3] != 0; }

// A task that has arrived at the barrier and not been let through; 0 if there is none.
uint32_t BarrierWaiter(const InsideAgent& inside, uint32_t object, const pthread_barrier_t* barrier) {
  const auto* words = reinterpret_cast<const uint32_t*>(barrier);
  const bool waiting =
      __atomic_load_n(&words[0], __ATOMIC_RELAXED) != __atomic_load_n(&words[1], __ATOMIC_RELAXED);
  return waiting ? FindWaiter(inside, object, nullptr) : 0;
}

// glibc leaves `out` of a destroyed barrier at the largest multiple of its count; as long as it lives it gets
// there for an instant only, after two thousand million waits. A new initialization sets it to 0.
void CheckDestroyed(Thread* thread, const pthread_barrier_t* barrier, const char* call) {
  const auto* words = reinterpret_cast<const uint32_t*>(barrier);
  const uint32_t count = words[2];
  constexpr uint32_t kMost = UINT32_MAX / 2;
  if (count == 0 || IsShared(barrier) || words[4] < kMost - kMost % count) return;
  InsideAgent inside;
  if (Objects::FindDestroyed(inside, wire::ObjectKind::kBarrier, barrier) == 0) return;
  ReportUseDestroyed(inside, thread, wire::ObjectKind::kBarrier, barrier, call);
}

// The initializer of a once object is running: other tasks that come wait for this one.
struct OnceRun {
  Thread* thread;
  uint32_t object;
  void (*routine)();
  WaitScope* wait;  // around it, which is none for who runs it
};
// pthread_once passes no argument on. Initializers nest, so each run keeps the one outside of it.
thread_local __attribute__((tls_model("initial-exec"))) OnceRun* current_once = nullptr;

// What libc calls instead of the program's initializer: the wait is over, this task is inside. If the
// initializer throws, the record says "running", which is right; a stale holder is replaced by the next task
// that gets in.
void OnceTrampoline() {
  OnceRun* run = current_once;
  wire::TaskRecord* record = run->thread->record;
  if (run->object != 0)
    __atomic_store_n(&Objects::Record(run->object)->holder, record->serial, __ATOMIC_RELEASE);
  __atomic_store_n(&record->wait_seq, record->wait_seq + 1, __ATOMIC_RELEASE);
  record->state = static_cast<uint8_t>(wire::TaskState::kRunning);
  run->wait->DoNotCount();
  run->routine();
  if (STRAY_UNLIKELY(run->thread->is_traced != 0))
    Trace::NoteBegun(run->thread, wire::EventKind::kOnce, run->object, 0);
  record->state = static_cast<uint8_t>(wire::TaskState::kBlocked);
  __atomic_store_n(&record->wait_seq, record->wait_seq + 1, __ATOMIC_RELEASE);
  if (run->object != 0) __atomic_store_n(&Objects::Record(run->object)->holder, 0, __ATOMIC_RELEASE);
}

// Calls the real function, which runs OnceTrampoline or waits for the task that does.
template <typename CallReal>
__attribute__((noinline)) int Once(Thread* thread, void* control, void (*routine)(), wire::WaitReason reason,
                                   wire::Site site, CallReal call_real) {
  OnceRun run = {thread, ObjectAt(wire::ObjectKind::kOnce, control, site), routine, nullptr};
  OnceRun* outer = current_once;
  current_once = &run;
  int result;
  {
    WaitScope wait(
        thread,
        {.reason = reason, .object = run.object, .address = reinterpret_cast<uint64_t>(control), .site = site});
    run.wait = &wait;
    result = call_real();
  }
  current_once = outer;
  NoteOperation(thread, run.object, wire::EventKind::kOnce, site);
  return result;
}

// Both are int; 2 means done, in glibc.
bool IsDone(const void* control) {
  return __atomic_load_n(static_cast<const int*>(control), __ATOMIC_ACQUIRE) == 2;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT int pthread_once(pthread_once_t* control, void (*routine)()) {
  Thread* thread = KnownThread();
  if (thread == nullptr || STRAY_LIKELY(IsDone(control) && thread->is_traced == 0))
    return Real().pthread_once(control, routine);
  return Once(thread, control, routine, wire::WaitReason::kOnce, STRAY_CALLER_SITE(thread),
              [=] { return Real().pthread_once(control, &OnceTrampoline); });
}

STRAY_EXPORT void call_once(once_flag* control, void (*routine)()) {
  Thread* thread = KnownThread();
  if (thread == nullptr || STRAY_LIKELY(IsDone(control) && thread->is_traced == 0))
    return Real().call_once(control, routine);
  Once(thread, control, routine, wire::WaitReason::kCallOnce, STRAY_CALLER_SITE(thread), [=] {
    Real().call_once(control, &OnceTrampoline);
    return 0;
  });
}

STRAY_EXPORT int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_barrier_wait(barrier);
  const wire::Site site = STRAY_CALLER_SITE(thread);
  CheckDestroyed(thread, barrier, "pthread_barrier_wait");
  const uint32_t object = ObjectAt(wire::ObjectKind::kBarrier, barrier, site);
  // Before the wait: afterwards another thread may destroy the barrier at once.
  NoteOperation(thread, object, wire::EventKind::kBarrier, site);
  int result;
  {
    WaitScope wait(thread, {.reason = wire::WaitReason::kBarrierWait,
                            .flags = static_cast<uint16_t>(IsShared(barrier) ? wire::kWaitShared : 0),
                            .object = object,
                            .address = reinterpret_cast<uint64_t>(barrier),
                            .site = site});
    result = Real().pthread_barrier_wait(barrier);
  }
  if (STRAY_UNLIKELY(thread->is_traced != 0)) Trace::NoteLeft(thread, wire::EventKind::kBarrier, object, site);
  return result;
}

STRAY_EXPORT int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                                      unsigned count) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) {
    InsideAgent inside;
    const uint32_t known = Objects::Find(inside, wire::ObjectKind::kBarrier, barrier);
    const uint32_t waiter = known == 0 ? 0 : BarrierWaiter(inside, known, barrier);
    if (waiter != 0) {
      ReportMisuse(inside, thread,
                   {.kind = wire::MisuseKind::kReinitWaited,
                    .call = "pthread_barrier_init",
                    .object = known,
                    .other_task = waiter});
    }
  }
  const int error = Real().pthread_barrier_init(barrier, attributes, count);
  if (thread == nullptr) return error;
  const wire::Site site = STRAY_CALLER_SITE(thread);
  InsideAgent inside;
  if (error == EINVAL) {
    const auto kind = count == 0 ? wire::MisuseKind::kBarrierZero : wire::MisuseKind::kErrorIgnored;
    ReportMisuse(inside, thread, {.kind = kind, .call = "pthread_barrier_init", .error = error});
    return error;
  }
  const uint32_t object = Objects::Initialized(inside, wire::ObjectKind::kBarrier, barrier, site, 0);
  if (object != 0) Objects::Record(object)->value = count;
  return error;
}

// Waits for those that are just leaving, or that never will.
STRAY_EXPORT int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_barrier_destroy(barrier);
  const wire::Site site = STRAY_CALLER_SITE(thread);
  CheckDestroyed(thread, barrier, "pthread_barrier_destroy");
  uint32_t object;
  {
    InsideAgent inside;
    object = Objects::Find(inside, wire::ObjectKind::kBarrier, barrier);
    const uint32_t waiter = object == 0 ? 0 : BarrierWaiter(inside, object, barrier);
    if (waiter != 0) {
      ReportMisuse(inside, thread,
                   {.kind = wire::MisuseKind::kDestroyWaited,
                    .call = "pthread_barrier_destroy",
                    .object = object,
                    .other_task = waiter});
    }
    if (object != 0) Objects::Destroyed(inside, barrier);
  }
  WaitScope wait(thread, {.reason = wire::WaitReason::kBarrierDestroy,
                          .object = object,
                          .address = reinterpret_cast<uint64_t>(barrier),
                          .site = site});
  return Real().pthread_barrier_destroy(barrier);
}

// Spin locks: `holder` of the record is the task inside.
namespace stray::agent {
namespace {

void NoteSpinTaken(Thread* thread, const volatile void* spin, wire::Site site) {
  const uint32_t object = ObjectAt(wire::ObjectKind::kSpin, spin, site);
  if (object == 0) return;
  __atomic_store_n(&Objects::Record(object)->holder, thread->record->serial, __ATOMIC_RELAXED);
  NoteOperation(thread, object, wire::EventKind::kLock, site);
}

void NoteSpinLeaving(Thread* thread, pthread_spinlock_t* spin, wire::Site site) {
  const uint32_t object = ObjectAt(wire::ObjectKind::kSpin, spin, site);
  if (object == 0) return;
    // glibc on x86-64: 1 is free, 0 and below taken; elsewhere 0 is free.
#if defined(__x86_64__)
  const bool is_free = *spin == 1;
#else
  const bool is_free = *spin == 0;
#endif
  if (is_free) {
    InsideAgent inside;
    ReportMisuse(
        inside, thread,
        {.kind = wire::MisuseKind::kSpinUnlockNotLocked, .call = "pthread_spin_unlock", .object = object});
  }
  NoteOperation(thread, object, wire::EventKind::kUnlock, site);
  __atomic_store_n(&Objects::Record(object)->holder, 0, __ATOMIC_RELAXED);
}

}  // namespace
}  // namespace stray::agent

STRAY_EXPORT int pthread_spin_lock(pthread_spinlock_t* spin) noexcept {
  Thread* thread = KnownThread();
  if (thread == nullptr) return Real().pthread_spin_lock(spin);
  const wire::Site site = STRAY_CALLER_SITE(thread);
  int error = Real().pthread_spin_trylock(spin);
  if (error != 0) {
    WaitScope wait(thread, {.reason = wire::WaitReason::kSpinLock,
                            .object = ObjectAt(wire::ObjectKind::kSpin, spin, site),
                            .address = reinterpret_cast<uint64_t>(spin),
                            .site = site});
    error = Real().pthread_spin_lock(spin);
  }
  if (error == 0) NoteSpinTaken(thread, spin, site);
  return error;
}

STRAY_EXPORT int pthread_spin_trylock(pthread_spinlock_t* spin) noexcept {
  Thread* thread = KnownThread();
  const int error = Real().pthread_spin_trylock(spin);
  if (thread != nullptr && error == 0) NoteSpinTaken(thread, spin, STRAY_CALLER_SITE(thread));
  return error;
}

STRAY_EXPORT int pthread_spin_unlock(pthread_spinlock_t* spin) noexcept {
  Thread* thread = KnownThread();
  if (thread != nullptr) NoteSpinLeaving(thread, spin, STRAY_CALLER_SITE(thread));
  return Real().pthread_spin_unlock(spin);
}
