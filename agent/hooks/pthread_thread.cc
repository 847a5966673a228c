// SPDX-License-Identifier: Apache-2.0
// pthread_thread.cc: creating, ending, joining and detaching threads: pthread_* and thrd_*.
//
//   pthread_create  -> Threads::Create, real pthread_create(StartThread)
//   StartThread     -> Threads::Bind, the program's function
//   key destructor  -> Threads::End, in its last round: after thread_local destructors and the destructors of
//                      other keys, which may still take locks
#include <errno.h>
#include <string.h>

#include "agent/hooks/real.h"
#include "agent/hooks/thread_end.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/record.h"
#include "agent/recorder/sites.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

void BindSelf(Thread* thread) {
  {
    InsideAgent inside;
    Threads::Bind(inside, thread);
    Registers registers = {};
    STRAY_SAVE_REGISTERS(registers);
    Hold::WaitIfHeld(thread, registers);
    ArmThreadEnd(thread);
  }
  tls.active = thread;
}

void* StartThread(void* argument) {
  auto* thread = static_cast<Thread*>(argument);
  BindSelf(thread);
  return thread->start(thread->start_argument);
}

int StartThreadC11(void* argument) {
  auto* thread = static_cast<Thread*>(argument);
  BindSelf(thread);
  return thread->start_c11(thread->start_argument);
}

bool IsDetached(const pthread_attr_t* attributes) {
  int state = PTHREAD_CREATE_JOINABLE;
  return attributes != nullptr && pthread_attr_getdetachstate(attributes, &state) == 0 &&
         state == PTHREAD_CREATE_DETACHED;
}

// A record for the thread that `parent` is about to start.
Thread* Prepare(const InsideAgent& inside, Thread* parent, const void* start_routine, bool detached) {
  Threads::FetchNext();
  Thread* child =
      Threads::Create(inside, parent, Stacks::CaptureHere(inside), reinterpret_cast<uint64_t>(start_routine));
  if (child != nullptr && detached) child->record->flags |= wire::kTaskDetached;
  // What comes before it has begun must be told before it can have.
  if (child != nullptr && parent->is_traced != 0)
    Trace::NoteBegun(parent, wire::EventKind::kCreate, child->record->serial, 0);
  return child;
}

// The thread to be joined and what is known of it before the call.
struct JoinTarget {
  Thread* thread = nullptr;
  uint32_t serial = 0;
};

// Looks up the target and reports joins that cannot be right.
JoinTarget BeginJoin(Thread* thread, pthread_t handle, const char* call) {
  InsideAgent inside;
  JoinTarget target;
  target.thread = Threads::Find(inside, handle);
  if (target.thread != nullptr) {
    target.serial = target.thread->record->serial;
    if (target.thread == thread) {
      ReportMisuse(
          inside, thread,
          {.kind = wire::MisuseKind::kJoinSelf, .call = call, .error = EDEADLK, .other_task = target.serial});
    } else if ((target.thread->record->flags & wire::kTaskDetached) != 0) {
      ReportMisuse(inside, thread,
                   {.kind = wire::MisuseKind::kJoinDetached,
                    .call = call,
                    .error = EINVAL,
                    .other_task = target.serial});
    }
    return target;
  }
  if (const wire::TaskRecord* gone = Threads::FindGone(inside, handle); gone != nullptr) {
    const bool joined = (gone->flags & wire::kTaskJoined) != 0;
    ReportMisuse(inside, thread,
                 {.kind = joined ? wire::MisuseKind::kJoinTwice : wire::MisuseKind::kJoinDetached,
                  .call = call,
                  .other_task = gone->serial});
  }
  return target;
}

void EndJoin(Thread* thread, const JoinTarget& target, wire::Site site) {
  if (target.thread == nullptr) return;
  RecordEvent(thread, wire::EventKind::kJoin, target.serial, 0, site);
  InsideAgent inside;
  Threads::MarkJoined(inside, target.thread, thread);
}

// Joins by `call_real`, which returns 0 when the thread has been joined.
template <typename CallReal>
__attribute__((noinline)) int Join(Thread* thread, pthread_t handle, bool timed, wire::WaitReason reason,
                                   wire::Site site, const char* call, CallReal call_real) {
  const JoinTarget target = BeginJoin(thread, handle, call);
  int error;
  {
    WaitScope wait(thread, {.reason = reason,
                            .flags = static_cast<uint16_t>(timed ? wire::kWaitTimed : 0),
                            .address = handle,
                            .task = target.serial,
                            .site = site});
    error = call_real();
  }
  if (error == 0) EndJoin(thread, target, site);
  return error;
}

void NoteDetach(Thread* thread, pthread_t handle, wire::Site site, const char* call) {
  InsideAgent inside;
  Thread* target = Threads::Find(inside, handle);
  if (target == nullptr || (target->record->flags & wire::kTaskDetached) != 0) {
    const wire::TaskRecord* gone = target != nullptr ? target->record : Threads::FindGone(inside, handle);
    if (gone != nullptr) {
      ReportMisuse(
          inside, thread,
          {.kind = wire::MisuseKind::kDetachTwice, .call = call, .error = EINVAL, .other_task = gone->serial});
    }
    return;
  }
  RecordEvent(thread, wire::EventKind::kDetach, target->record->serial, 0, site);
  Threads::MarkDetached(inside, target);
}

}  // namespace
}  // namespace stray::agent

using namespace stray::agent;  // NOLINT: the hooks below are the agent's C face
namespace wire = stray::wire;

STRAY_EXPORT int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*),
                                void* argument) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_create(handle, attributes, start, argument);
  InsideAgent inside;
  Thread* child = Prepare(inside, thread, reinterpret_cast<const void*>(start), IsDetached(attributes));
  if (child == nullptr) return Real().pthread_create(handle, attributes, start, argument);
  child->start = start;
  child->start_argument = argument;
  const uint32_t serial = child->record->serial;
  const int error = Real().pthread_create(handle, attributes, &StartThread, child);
  if (error != 0) {
    Threads::Discard(inside, child);
  } else {
    Threads::Created(inside, child, serial, *handle);
    RecordEvent(thread, wire::EventKind::kCreate, serial, 0, STRAY_CALLER_SITE(thread));
  }
  return error;
}

STRAY_EXPORT int thrd_create(thrd_t* handle, thrd_start_t start, void* argument) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().thrd_create(handle, start, argument);
  InsideAgent inside;
  Thread* child = Prepare(inside, thread, reinterpret_cast<const void*>(start), false);
  if (child == nullptr) return Real().thrd_create(handle, start, argument);
  child->start_c11 = start;
  child->start_argument = argument;
  const uint32_t serial = child->record->serial;
  const int code = Real().thrd_create(handle, &StartThreadC11, child);
  if (code != thrd_success) {
    Threads::Discard(inside, child);
  } else {
    Threads::Created(inside, child, serial, *handle);
    RecordEvent(thread, wire::EventKind::kCreate, serial, 0, STRAY_CALLER_SITE(thread));
  }
  return code;
}

STRAY_EXPORT int pthread_join(pthread_t handle, void** result) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_join(handle, result);
  return Join(thread, handle, false, wire::WaitReason::kJoin, STRAY_CALLER_SITE(thread), "pthread_join",
              [=] { return Real().pthread_join(handle, result); });
}

STRAY_EXPORT int pthread_tryjoin_np(pthread_t handle, void** result) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_tryjoin_np(handle, result);
  const JoinTarget target = BeginJoin(thread, handle, "pthread_tryjoin_np");
  const int error = Real().pthread_tryjoin_np(handle, result);
  if (error == 0) EndJoin(thread, target, STRAY_CALLER_SITE(thread));
  return error;
}

STRAY_EXPORT int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_timedjoin_np(handle, result, deadline);
  return Join(thread, handle, deadline != nullptr, wire::WaitReason::kJoin, STRAY_CALLER_SITE(thread),
              "pthread_timedjoin_np", [=] { return Real().pthread_timedjoin_np(handle, result, deadline); });
}

STRAY_EXPORT int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                                      const timespec* deadline) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().pthread_clockjoin_np(handle, result, clock, deadline);
  return Join(thread, handle, deadline != nullptr, wire::WaitReason::kJoin, STRAY_CALLER_SITE(thread),
              "pthread_clockjoin_np",
              [=] { return Real().pthread_clockjoin_np(handle, result, clock, deadline); });
}

STRAY_EXPORT int thrd_join(thrd_t handle, int* result) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return Real().thrd_join(handle, result);
  return Join(thread, handle, false, wire::WaitReason::kThrdJoin, STRAY_CALLER_SITE(thread), "thrd_join",
              [=] { return Real().thrd_join(handle, result); });
}

STRAY_EXPORT int pthread_detach(pthread_t handle) noexcept {
  Thread* thread = CurrentThread();
  if (thread != nullptr) NoteDetach(thread, handle, STRAY_CALLER_SITE(thread), "pthread_detach");
  return Real().pthread_detach(handle);
}

STRAY_EXPORT int thrd_detach(thrd_t handle) {
  Thread* thread = CurrentThread();
  if (thread != nullptr) NoteDetach(thread, handle, STRAY_CALLER_SITE(thread), "thrd_detach");
  return Real().thrd_detach(handle);
}

STRAY_EXPORT int pthread_setname_np(pthread_t handle, const char* name) noexcept {
  const int error = Real().pthread_setname_np(handle, name);
  if (error == 0 && CurrentThread() != nullptr) {
    InsideAgent inside;
    Thread* target = Threads::Find(inside, handle);
    if (target != nullptr) strncpy(target->record->name, name, sizeof(target->record->name) - 1);
  }
  return error;
}
