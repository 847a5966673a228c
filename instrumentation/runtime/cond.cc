// SPDX-License-Identifier: Apache-2.0
// cond.cc: stray::Cond. Who waits takes a ticket before it releases the lock, and parks only if its ticket was
// not served meanwhile; so no signal is lost between the two.
//
// Source: Go's notifyList, runtime/sema.go. As there, Signal and Wait order nothing by themselves: the lock
// does.
#include "stray/cond.h"

#include "instrumentation/runtime/object_uses.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/sync_core.h"
#include "stray/scheduling_point.h"

namespace stray::detail {

using runtime::LockOf;
using runtime::UsesTable;
using runtime::Waiter;
using runtime::WaitersOf;

namespace {

// Tickets wrap around.
bool IsBefore(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

Waiter* FindTicket(CondCore* cond, uint32_t ticket) {
  for (Waiter* waiter = WaitersOf(cond->core).First(); waiter != nullptr; waiter = waiter->next) {
    if (waiter->index == ticket) return waiter;
  }
  return nullptr;
}

}  // namespace

uint32_t TakeTicket(CondCore* cond) noexcept {
  return cond->next_ticket.fetch_add(1, std::memory_order_acq_rel);
}

[[gnu::noinline]] void WaitForTicket(CondCore* cond, uint32_t ticket) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  UsesTable::Note(cond->uses, runtime_abi::kWaits);
  Waiter waiter{.task = runtime::CurrentTask(), .index = ticket};
  LockOf(cond->core).Lock();
  if (IsBefore(ticket, cond->notified.load(std::memory_order_relaxed))) {
    LockOf(cond->core).Unlock();
    return;
  }
  WaitersOf(cond->core).Push(&waiter);
  Park(runtime::WaitReason::kSyncCondWait, cond, &LockOf(cond->core));
}

void SignalOne(CondCore* cond) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  UsesTable::Note(cond->uses, runtime_abi::kSignals);
  // Nobody has come since the last signal: no need for the lock.
  if (cond->next_ticket.load(std::memory_order_acquire) == cond->notified.load(std::memory_order_acquire))
    return;
  LockOf(cond->core).Lock();
  const uint32_t ticket = cond->notified.load(std::memory_order_relaxed);
  if (ticket == cond->next_ticket.load(std::memory_order_acquire)) {
    LockOf(cond->core).Unlock();
    return;
  }
  cond->notified.store(ticket + 1, std::memory_order_release);
  // It is nearly the first in the queue; not in it at all if it is on its way there.
  Waiter* waiter = FindTicket(cond, ticket);
  if (waiter != nullptr) WaitersOf(cond->core).Remove(waiter);
  LockOf(cond->core).Unlock();
  if (waiter != nullptr) runtime::Ready(waiter->task);
}

void SignalAll(CondCore* cond) noexcept {
  SchedulingPoint();
  const runtime::LearningScope learning;
  UsesTable::Note(cond->uses, runtime_abi::kSignals);
  if (cond->next_ticket.load(std::memory_order_acquire) == cond->notified.load(std::memory_order_acquire))
    return;
  runtime::TaskList woken;
  LockOf(cond->core).Lock();
  cond->notified.store(cond->next_ticket.load(std::memory_order_acquire), std::memory_order_release);
  while (Waiter* waiter = WaitersOf(cond->core).Pop()) woken.Push(waiter->task);
  LockOf(cond->core).Unlock();
  runtime::ReadyAll(woken);
}

}  // namespace stray::detail
