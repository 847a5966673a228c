// SPDX-License-Identifier: Apache-2.0
// semaphore.cc: sem_*.
#include <errno.h>
#include <limits.h>

#include "agent/hooks/real.h"
#include "agent/hooks/resumable_call.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/objects.h"
#include "agent/recorder/record.h"
#include "agent/recorder/sites.h"
#include "agent/recorder/stacks.h"

namespace stray::agent {
namespace {

// glibc's struct new_sem: | value:32 | waiters:32 | private:32 |, `private` being 128 for shared ones.
bool IsShared(const sem_t* semaphore) { return reinterpret_cast<const uint32_t*>(semaphore)[2] != 0; }
// Who has been posted has left this count, even if it has not run yet.
bool HasWaiters(const sem_t* semaphore) {
  return __atomic_load_n(&reinterpret_cast<const uint32_t*>(semaphore)[1], __ATOMIC_RELAXED) != 0;
}

uint32_t SemaphoreObject(Thread* thread, const sem_t* semaphore, wire::Site site) {
  return Objects::Cached(thread, wire::ObjectKind::kSemaphore, semaphore, site);
}

void NoteOperation(Thread* thread, const sem_t* semaphore, wire::EventKind kind, wire::Site site) {
  const uint32_t object = SemaphoreObject(thread, semaphore, site);
  if (object == 0) return;
  RecordEvent(thread, kind, object, __atomic_add_fetch(&Objects::Record(object)->sequence, 1, __ATOMIC_RELAXED),
              site);
}

void ReportError(Thread* thread, const sem_t* semaphore, wire::MisuseKind kind, int error, const char* call) {
  InsideAgent inside;
  ReportMisuse(inside, thread,
               {.kind = kind,
                .call = call,
                .object = Objects::Find(inside, wire::ObjectKind::kSemaphore, semaphore),
                .error = error});
}

// Takes the semaphore by `call_real`, which returns 0 or -1 with errno.
template <typename CallReal>
__attribute__((noinline)) int WaitSlow(Thread* thread, sem_t* semaphore, bool timed, wire::Site site,
                                       const char* call, CallReal call_real) {
  int result;
  {
    const uint32_t object = SemaphoreObject(thread, semaphore, site);
    WaitScope wait(thread, {.reason = wire::WaitReason::kSemWait,
                            .flags = static_cast<uint16_t>((timed ? wire::kWaitTimed : 0) |
                                                           (IsShared(semaphore) ? wire::kWaitShared : 0)),
                            .object = object,
                            .address = reinterpret_cast<uint64_t>(semaphore),
                            .site = site});
    ResumableCall call_state(thread);
    result = call_real();
    while (STRAY_UNLIKELY(call_state.WasInterrupted())) {
      result = call_state.UnblockSignals() ? call_real() : -1;
    }
  }
  if (result == 0) {
    NoteOperation(thread, semaphore, wire::EventKind::kAcquire, site);
  } else if (errno == EINVAL) {
    ReportError(thread, semaphore, wire::MisuseKind::kSemInvalid, EINVAL, call);
  }
  return result;
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT int sem_wait(sem_t* semaphore) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().sem_wait(semaphore);
  return WaitSlow(thread, semaphore, false, STRAY_CALLER_SITE(thread), "sem_wait",
                  [=] { return Real().sem_wait(semaphore); });
}

STRAY_EXPORT int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().sem_timedwait(semaphore, deadline);
  return WaitSlow(thread, semaphore, true, STRAY_CALLER_SITE(thread), "sem_timedwait",
                  [=] { return Real().sem_timedwait(semaphore, deadline); });
}

STRAY_EXPORT int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().sem_clockwait(semaphore, clock, deadline);
  return WaitSlow(thread, semaphore, true, STRAY_CALLER_SITE(thread), "sem_clockwait",
                  [=] { return Real().sem_clockwait(semaphore, clock, deadline); });
}

STRAY_EXPORT int sem_trywait(sem_t* semaphore) noexcept {
  Thread* thread = CurrentThread();
  const int result = Real().sem_trywait(semaphore);
  if (thread != nullptr && result == 0)
    NoteOperation(thread, semaphore, wire::EventKind::kAcquire, STRAY_CALLER_SITE(thread));
  return result;
}

// May run in a signal handler: records before the post, because afterwards the semaphore may be gone.
STRAY_EXPORT int sem_post(sem_t* semaphore) noexcept {
  Thread* thread = KnownThread();
  if (thread != nullptr) NoteOperation(thread, semaphore, wire::EventKind::kPost, STRAY_CALLER_SITE(thread));
  const int result = Real().sem_post(semaphore);
  if (thread != nullptr && result != 0) {
    const bool overflow = errno == EOVERFLOW;
    ReportError(thread, semaphore, overflow ? wire::MisuseKind::kSemOverflow : wire::MisuseKind::kSemInvalid,
                errno, "sem_post");
  }
  return result;
}

STRAY_EXPORT int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) {
    InsideAgent inside;
    const uint32_t known = Objects::Find(inside, wire::ObjectKind::kSemaphore, semaphore);
    const uint32_t waiter = FindWaiter(inside, known, nullptr);
    if (waiter != 0 && HasWaiters(semaphore)) {
      ReportMisuse(
          inside, thread,
          {.kind = wire::MisuseKind::kReinitWaited, .call = "sem_init", .object = known, .other_task = waiter});
    }
  }
  const int result = Real().sem_init(semaphore, shared, value);
  if (thread == nullptr) return result;
  if (result != 0) {
    ReportError(thread, semaphore, wire::MisuseKind::kSemInvalid, errno, "sem_init");
    return result;
  }
  const wire::Site site = STRAY_CALLER_SITE(thread);
  InsideAgent inside;
  const uint32_t object = Objects::Initialized(inside, wire::ObjectKind::kSemaphore, semaphore, site, 0);
  if (object != 0) {
    Objects::Record(object)->value = value;
    if (shared != 0) Objects::Record(object)->flags |= wire::kObjectShared;
  }
  return result;
}

STRAY_EXPORT int sem_destroy(sem_t* semaphore) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) {
    InsideAgent inside;
    const uint32_t object = Objects::Find(inside, wire::ObjectKind::kSemaphore, semaphore);
    const uint32_t waiter = FindWaiter(inside, object, nullptr);
    if (waiter != 0 && HasWaiters(semaphore)) {
      ReportMisuse(inside, thread,
                   {.kind = wire::MisuseKind::kDestroyWaited,
                    .call = "sem_destroy",
                    .object = object,
                    .other_task = waiter});
    }
    if (object != 0) Objects::Destroyed(inside, semaphore);
  }
  return Real().sem_destroy(semaphore);
}
