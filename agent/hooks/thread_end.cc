// SPDX-License-Identifier: Apache-2.0
#include "agent/hooks/thread_end.h"

#include <limits.h>
#include <pthread.h>

#include "agent/hooks/mutex.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/stacks.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

pthread_key_t end_key;
bool have_key = false;

// Locks that the thread still holds. A robust mutex tells the next owner; all others are dead for ever.
void ReportHeldAtEnd(const InsideAgent& inside, Thread* thread) {
  CloseHoles(thread);
  for (uint32_t i = 0; i < thread->record->held_count; ++i) {
    const wire::HeldLock& held = thread->held[i];
    const wire::ObjectRecord* object = Objects::Record(held.object);
    if ((object->flags & (wire::kObjectRobust | wire::kObjectDestroyed)) != 0) continue;
    ReportMisuse(inside, thread,
                 {.kind = wire::MisuseKind::kEndedHolding,
                  .call = "",
                  .object = held.object,
                  .other_task = thread->record->serial,
                  .other_site = held.site});
  }
}

void OnThreadEnd(void* value) {
  auto* thread = static_cast<Thread*>(value);
  // Come last: destructors of the program's own keys may still lock and unlock.
  if (++thread->end_rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(end_key, thread);
    return;
  }
  InsideAgent inside;
  tls.ended = 1;
  ReportHeldAtEnd(inside, thread);
  Stacks::ReleaseThread();
  tls.self = nullptr;
  Threads::End(inside, thread);
}

}  // namespace

void InitializeThreadEnd() {
  if (!have_key) have_key = pthread_key_create(&end_key, &OnThreadEnd) == 0;
}

void ArmThreadEnd(Thread* thread) {
  if (have_key) pthread_setspecific(end_key, thread);
}

}  // namespace stray::agent
