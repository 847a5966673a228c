// SPDX-License-Identifier: Apache-2.0
// pthread_cond.cc: pthread_cond_* and cnd_*.
//
// A wait gives the mutex up and takes it back inside libc, where no hook sees it: the record says so here. If
// the thread is cancelled while it waits, libc takes the mutex back before the cleanup handlers run, and
// so do we.
#include <errno.h>

#include "agent/hooks/cancel_guard.h"
#include "agent/hooks/mutex.h"
#include "agent/hooks/real.h"
#include "agent/recorder/condition_signals.h"
#include "agent/recorder/misuse.h"

namespace stray::agent {
namespace {

pthread_mutex_t* Pthread(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }

uint32_t ConditionObject(Thread* thread, const void* condition, wire::Site site) {
  return Objects::Cached(thread, wire::ObjectKind::kCondition, condition, site);
}

// The word of a condition in which glibc marks that it is process-shared and, for ever, that it was destroyed.
// Versions of glibc differ in where it is, so one is destroyed here to see. Only a new initialization clears
// the marks.
constexpr uint32_t kSharedMark = 1, kDestroyedMark = 4;
constexpr uint32_t kUnknownWord = 0, kNoWord = UINT32_MAX;
uint32_t marked_word = kUnknownWord;  // index plus 1

uint32_t FindMarkedWord() {
  pthread_cond_t probe = PTHREAD_COND_INITIALIZER;
  Real().pthread_cond_destroy(&probe);
  const auto* words = reinterpret_cast<const uint32_t*>(&probe);
  uint32_t found = kNoWord;
  for (uint32_t i = 0; i < sizeof(probe) / sizeof(*words); ++i) {
    if (words[i] == 0) continue;
    if (found != kNoWord || words[i] != kDestroyedMark) return kNoWord;
    found = i + 1;
  }
  return found;
}

void LearnMarks(const InsideAgent&) {
  if (marked_word == kUnknownWord) __atomic_store_n(&marked_word, FindMarkedWord(), __ATOMIC_RELAXED);
}

bool HasMark(const void* condition, uint32_t mark) {
  const uint32_t word = __atomic_load_n(&marked_word, __ATOMIC_RELAXED);
  if (word == kUnknownWord || word == kNoWord) return false;  // not looked for yet
  const uint32_t* marks = static_cast<const uint32_t*>(condition) + (word - 1);
  return (__atomic_load_n(marks, __ATOMIC_RELAXED) & mark) != 0;
}

void CheckDestroyed(Thread* thread, const void* condition, const char* call) {
  if (STRAY_LIKELY(!HasMark(condition, kDestroyedMark))) return;
  InsideAgent inside;
  ReportUseDestroyed(inside, thread, wire::ObjectKind::kCondition, condition, call);
}

// A task other than `except` that waits on `condition`, known as `object`, and that nobody can have woken; 0 if
// there is none. Who may have been woken by another process is not one.
uint32_t FindStuckWaiter(const InsideAgent& inside, const void* condition, uint32_t object,
                         const Thread* except) {
  LearnMarks(inside);
  return HasMark(condition, kSharedMark) ? 0 : FindUnwokenWaiter(inside, object, except);
}

STRAY_NEARBY void NoteSignal(Thread* thread, const void* condition, wire::EventKind kind, wire::Site site) {
  const uint32_t object = ConditionObject(thread, condition, site);
  if (object == 0) return;
  if (kind == wire::EventKind::kBroadcast) {
    NoteBroadcastSent(object);
  } else {
    NoteSignalSent(object);
  }
  const uint32_t sequence = __atomic_add_fetch(&Objects::Record(object)->sequence, 1, __ATOMIC_RELAXED);
  RecordEvent(thread, kind, object, sequence, site);
}

// A trace has it before who is woken can go on.
void TraceSignal(Thread* thread, const void* condition, wire::EventKind kind, wire::Site site) {
  if (STRAY_LIKELY(thread->is_traced == 0)) return;
  Trace::NoteBegun(thread, kind, ConditionObject(thread, condition, site), site);
}

// A wait in progress, for StrayGuardedCall.
struct CondWait {
  Thread* thread;
  const void* condition;
  pthread_mutex_t* mutex;
  wire::HeldLock held = {};  // as it was before the wait; object 0: the mutex was not held
  wire::Site site;
  const char* call;
  wire::WaitReason reason;
  bool timed = false;
  uint32_t condition_object = 0;
  uint32_t mutex_object = 0;
  int (*real)(CondWait*);
  const timespec* deadline = nullptr;
  clockid_t clock = 0;
};

// A wait binds mutex and condition together: reports a second mutex, or one that is not held.
void CheckBinding(CondWait* wait) {
  InsideAgent inside;
  if (wait->held.object == 0) {
    const int owner = wait->mutex->__data.__owner;
    const bool held = owner == wait->thread->record->tid;  // taken where we did not see it
    if (!held && wait->mutex->__data.__kind >= 0) {
      ReportMisuse(inside, wait->thread,
                   {.kind = wire::MisuseKind::kCondMutexNotHeld,
                    .call = wait->call,
                    .object = wait->condition_object,
                    .other_object = wait->mutex_object});
    }
  }
  if (wait->condition_object == 0) return;
  wire::ObjectRecord* record = Objects::Record(wait->condition_object);
  const auto bound = static_cast<uint32_t>(record->extra);
  if (bound != 0 && bound != wait->mutex_object) {
    const uint32_t waiter = FindStuckWaiter(inside, wait->condition, wait->condition_object, wait->thread);
    if (waiter != 0) {
      ReportMisuse(inside, wait->thread,
                   {.kind = wire::MisuseKind::kCondTwoMutexes,
                    .call = wait->call,
                    .object = wait->condition_object,
                    .other_task = waiter,
                    .other_object = bound});
    }
  }
  record->extra = wait->mutex_object;
}

void Bind(CondWait* wait) {
  const bool known = wait->condition_object != 0;
  const wire::ObjectRecord* record = known ? Objects::Record(wait->condition_object) : nullptr;
  const bool as_before = known && wait->held.object != 0 && record->extra == wait->mutex_object;
  if (STRAY_UNLIKELY(!as_before)) CheckBinding(wait);
  if (known) NoteGeneration(wait->thread, wait->condition_object);
}

// The mutex is held again, as before the wait.
STRAY_NEARBY void TakeBack(CondWait* wait) {
  if (wait->held.object == 0) return;
  RecordEvent(wait->thread, wire::EventKind::kWaitDone, wait->condition_object, NextSequence(wait->mutex),
              wait->site);
  PushHeld(wait->thread, wait->held.object, wait->held.flags, wait->held.site);
  if (STRAY_UNLIKELY(wait->thread->is_traced != 0))
    Trace::Note(wait->thread, wire::EventKind::kLock, wait->held.object, wait->site);
  wait->thread->held[wait->thread->record->held_count - 1].count = wait->held.count;
}

void OnCancelled(void* argument) {
  auto* wait = static_cast<CondWait*>(argument);
  wire::TaskRecord* record = wait->thread->record;
  if ((record->wait_seq & 1) != 0) {
    __atomic_store_n(&record->wait_seq, record->wait_seq + 1, __ATOMIC_RELEASE);
    record->state = static_cast<uint8_t>(wire::TaskState::kRunning);
  }
  TakeBack(wait);
}

STRAY_NEARBY int WaitGuarded(void* argument) {
  auto* wait = static_cast<CondWait*>(argument);
  int error;
  {
    WaitScope scope(wait->thread, {.reason = wait->reason,
                                   .flags = static_cast<uint16_t>(wait->timed ? wire::kWaitTimed : 0),
                                   .object = wait->condition_object,
                                   .address = reinterpret_cast<uint64_t>(wait->condition),
                                   .extra = wait->mutex_object,
                                   .site = wait->site});
    error = wait->real(wait);
  }
  return error;
}

__attribute__((noinline)) STRAY_NEARBY int Wait(CondWait* wait) {
  CheckDestroyed(wait->thread, wait->condition, wait->call);
  wait->condition_object = ConditionObject(wait->thread, wait->condition, wait->site);
  wait->mutex_object = MutexObject(wait->thread, wait->mutex, wait->site, wait->call);
  wire::HeldLock* held = wait->mutex_object == 0 ? nullptr : FindHeld(wait->thread, wait->mutex_object);
  wait->held = held == nullptr ? wire::HeldLock{} : *held;
  Bind(wait);
  if (held != nullptr) {
    RecordEvent(wait->thread, wire::EventKind::kWait, wait->condition_object, NextSequence(wait->mutex),
                wait->site);
    if (STRAY_UNLIKELY(wait->thread->is_traced != 0))
      Trace::Note(wait->thread, wire::EventKind::kUnlock, wait->held.object, wait->site);
    RemoveHeld(wait->thread, held);
  }
  const int error = StrayGuardedCall(&WaitGuarded, wait, &OnCancelled);
  TakeBack(wait);
  if (error == 0 && wait->condition_object != 0) NoteSignalUsed(wait->thread, wait->condition_object);
  if (error == EPERM || error == EINVAL) NoteMutexError(wait->thread, wait->mutex, error, wait->call);
  return error;
}

template <typename Condition>
Condition* As(const void* condition) {
  return static_cast<Condition*>(const_cast<void*>(condition));
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT STRAY_NEARBY int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_cond_wait(condition, mutex);
  CondWait wait = {.thread = thread,
                   .condition = condition,
                   .mutex = mutex,
                   .site = STRAY_CALLER_SITE(thread),
                   .call = "pthread_cond_wait",
                   .reason = wire::WaitReason::kCondWait,
                   .real = [](CondWait* w) STRAY_NEARBY {
                     return Real().pthread_cond_wait(As<pthread_cond_t>(w->condition), w->mutex);
                   }};
  return Wait(&wait);
}

STRAY_EXPORT int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                        const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_cond_timedwait(condition, mutex, deadline);
  CondWait wait = {.thread = thread,
                   .condition = condition,
                   .mutex = mutex,
                   .site = STRAY_CALLER_SITE(thread),
                   .call = "pthread_cond_timedwait",
                   .reason = wire::WaitReason::kCondWait,
                   .timed = true,
                   .real =
                       [](CondWait* w) {
                         return Real().pthread_cond_timedwait(As<pthread_cond_t>(w->condition), w->mutex,
                                                              w->deadline);
                       },
                   .deadline = deadline};
  return Wait(&wait);
}

STRAY_EXPORT int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                        const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_cond_clockwait(condition, mutex, clock, deadline);
  CondWait wait = {.thread = thread,
                   .condition = condition,
                   .mutex = mutex,
                   .site = STRAY_CALLER_SITE(thread),
                   .call = "pthread_cond_clockwait",
                   .reason = wire::WaitReason::kCondWait,
                   .timed = true,
                   .real =
                       [](CondWait* w) {
                         return Real().pthread_cond_clockwait(As<pthread_cond_t>(w->condition), w->mutex,
                                                              w->clock, w->deadline);
                       },
                   .deadline = deadline,
                   .clock = clock};
  return Wait(&wait);
}

STRAY_EXPORT int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().cnd_wait(condition, mutex);
  CondWait wait = {.thread = thread,
                   .condition = condition,
                   .mutex = Pthread(mutex),
                   .site = STRAY_CALLER_SITE(thread),
                   .call = "cnd_wait",
                   .reason = wire::WaitReason::kCndWait,
                   .real = [](CondWait* w) {
                     return Real().cnd_wait(As<cnd_t>(w->condition), reinterpret_cast<mtx_t*>(w->mutex));
                   }};
  return Wait(&wait);
}

STRAY_EXPORT int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().cnd_timedwait(condition, mutex, deadline);
  CondWait wait = {.thread = thread,
                   .condition = condition,
                   .mutex = Pthread(mutex),
                   .site = STRAY_CALLER_SITE(thread),
                   .call = "cnd_timedwait",
                   .reason = wire::WaitReason::kCndWait,
                   .timed = true,
                   .real =
                       [](CondWait* w) {
                         return Real().cnd_timedwait(As<cnd_t>(w->condition),
                                                     reinterpret_cast<mtx_t*>(w->mutex), w->deadline);
                       },
                   .deadline = deadline};
  return Wait(&wait);
}

// Noted afterwards: meanwhile the thread that is woken is on its way.
#define STRAY_SIGNAL_HOOK(name, type, kind, specifier)                                \
  STRAY_EXPORT STRAY_NEARBY int name(type* condition) specifier {                     \
    Thread* thread = CurrentThread();                                                 \
    if (thread == nullptr) return Real().name(condition);                             \
    CheckDestroyed(thread, condition, #name);                                         \
    TraceSignal(thread, condition, wire::EventKind::kind, STRAY_CALLER_SITE(thread)); \
    const int result = Real().name(condition);                                        \
    NoteSignal(thread, condition, wire::EventKind::kind, STRAY_CALLER_SITE(thread));  \
    return result;                                                                    \
  }
STRAY_SIGNAL_HOOK(pthread_cond_signal, pthread_cond_t, kSignal, noexcept)
STRAY_SIGNAL_HOOK(pthread_cond_broadcast, pthread_cond_t, kBroadcast, noexcept)
// libc does not declare these noexcept.
STRAY_SIGNAL_HOOK(cnd_signal, cnd_t, kSignal, )
STRAY_SIGNAL_HOOK(cnd_broadcast, cnd_t, kBroadcast, )

namespace stray::agent {
namespace {

// A condition is initialized or destroyed while somebody waits on it.
void CheckWaiters(Thread* thread, const void* condition, wire::MisuseKind kind, const char* call) {
  CheckDestroyed(thread, condition, call);
  InsideAgent inside;
  const uint32_t object = Objects::Find(inside, wire::ObjectKind::kCondition, condition);
  const uint32_t waiter = FindStuckWaiter(inside, condition, object, nullptr);
  if (waiter != 0)
    ReportMisuse(inside, thread, {.kind = kind, .call = call, .object = object, .other_task = waiter});
}

// Destroys by `call_real`, which waits until everybody who waits has left: for ever, if nobody wakes them.
template <typename CallReal>
__attribute__((noinline)) int Destroy(Thread* thread, const void* condition, wire::Site site,
                                      CallReal call_real) {
  uint32_t object;
  {
    InsideAgent inside;
    object = Objects::Find(inside, wire::ObjectKind::kCondition, condition);
  }
  if (object == 0) return call_real();
  WaitScope wait(thread, {.reason = wire::WaitReason::kCondDestroy,
                          .object = object,
                          .address = reinterpret_cast<uint64_t>(condition),
                          .site = site});
  return call_real();
}

void NoteInitialized(const void* condition, wire::Site site) {
  InsideAgent inside;
  Objects::Initialized(inside, wire::ObjectKind::kCondition, condition, site, 0);
}

void NoteDestroyed(const void* condition) {
  InsideAgent inside;
  Objects::Destroyed(inside, condition);
  LearnMarks(inside);
}

}  // namespace
}  // namespace stray::agent

STRAY_EXPORT int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) noexcept {
  Thread* thread = CurrentThread();
  const int error = Real().pthread_cond_init(condition, attributes);
  if (thread != nullptr && error == 0) NoteInitialized(condition, STRAY_CALLER_SITE(thread));
  return error;
}

STRAY_EXPORT int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_cond_destroy(condition);
  CheckWaiters(thread, condition, wire::MisuseKind::kDestroyWaited, "pthread_cond_destroy");
  const int error = Destroy(thread, condition, STRAY_CALLER_SITE(thread),
                            [=] { return Real().pthread_cond_destroy(condition); });
  NoteDestroyed(condition);
  return error;
}

STRAY_EXPORT int cnd_init(cnd_t* condition) {
  Thread* thread = CurrentThread();
  const int code = Real().cnd_init(condition);
  if (thread != nullptr && code == thrd_success) NoteInitialized(condition, STRAY_CALLER_SITE(thread));
  return code;
}

STRAY_EXPORT void cnd_destroy(cnd_t* condition) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().cnd_destroy(condition);
  CheckWaiters(thread, condition, wire::MisuseKind::kDestroyWaited, "cnd_destroy");
  Destroy(thread, condition, STRAY_CALLER_SITE(thread), [=] {
    Real().cnd_destroy(condition);
    return 0;
  });
  NoteDestroyed(condition);
}
