// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/record.h"

#include <string.h>

#include "agent/recorder/box.h"

namespace stray::agent {

namespace {

// Computes the chain of entry `i` from the one below.
void Rechain(Thread* thread, uint32_t i) {
  wire::HeldLock& entry = thread->held[i];
  entry.chain = i == 0 ? FirstInChain(entry.object, entry.flags)
                       : ExtendChain(thread->held[i - 1].chain, entry.object, entry.flags);
}

// Makes room for more held locks than fit where they are. False: no space; the lock goes unrecorded.
bool GrowHeld(Thread* thread) {
  if (CloseHoles(thread) < thread->held_capacity) return true;
  const uint32_t capacity = thread->held_capacity * 4;
  const uint64_t offset = capacity > UINT16_MAX ? 0 : Box::AllocatePool(capacity * sizeof(wire::HeldLock));
  if (offset == 0) {
    Box::Count(wire::Loss::kHeld);
    return false;
  }
  auto* more = static_cast<wire::HeldLock*>(Box::PoolAt(offset));
  memcpy(more, thread->held, thread->held_capacity * sizeof(wire::HeldLock));
  thread->held = more;
  thread->held_capacity = capacity;
  thread->record->held_capacity = capacity;
  __atomic_store_n(&thread->record->held_more, offset, __ATOMIC_RELEASE);
  return true;
}

}  // namespace

uint32_t CloseHoles(Thread* thread) {
  const uint32_t count = thread->record->held_count;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (thread->held[i].object == 0) continue;
    if (kept != i) thread->held[kept] = thread->held[i];
    Rechain(thread, kept++);
  }
  __atomic_store_n(&thread->record->held_count, kept, __ATOMIC_RELEASE);
  return kept;
}

void PushHeldOnTop(Thread* thread, uint32_t object, uint32_t flags, wire::Site site) {
  if (STRAY_UNLIKELY(thread->record->held_count == thread->held_capacity) && !GrowHeld(thread)) return;
  const uint32_t n = thread->record->held_count;
  const uint64_t chain =
      n == 0 ? FirstInChain(object, flags) : ExtendChain(thread->held[n - 1].chain, object, flags);
  thread->held[n] = {object, static_cast<uint16_t>(flags), 1, site, chain};
  __atomic_store_n(&thread->record->held_count, n + 1, __ATOMIC_RELEASE);
  if (n > 0 && STRAY_UNLIKELY(!IsChainSeen(thread, chain))) RecordChainSlow(thread);
}

void RemoveHeldSlow(Thread* thread, wire::HeldLock* entry) {
  wire::TaskRecord* record = thread->record;
  for (auto i = static_cast<uint32_t>(entry - thread->held); i + 1 < record->held_count; ++i) {
    thread->held[i] = thread->held[i + 1];
    Rechain(thread, i);
  }
  __atomic_store_n(&record->held_count, record->held_count - 1, __ATOMIC_RELEASE);
}

void WaitScope::SetOuterAside() {
  const wire::TaskRecord* record = thread_->record;
  outer_.wait.reason = static_cast<wire::WaitReason>(record->wait_reason);
  outer_.wait.flags = record->wait_flags;
  outer_.wait.object = record->wait_object;
  outer_.wait.address = record->wait_address;
  outer_.wait.task = record->wait_task;
  outer_.wait.extra = record->wait_extra;
  outer_.wait.site = record->wait_site;
  outer_.since_ns = record->wait_since_ns;
  outer_.registers = thread_->registers;
  outer_.announcing = thread_->announcing;
  outer_.state = record->state;
  outer_.blocked = (record->wait_seq & 1) != 0;
  SetAnnouncing(1);
  if (outer_.blocked) EndWait();
}

void WaitScope::CountWait() {
  if (!counts_) return;
  const InsideAgent inside;
  const wire::TaskRecord* record = thread_->record;
  WaitProfile::End(inside, static_cast<wire::WaitReason>(record->wait_reason), begun_, record->wait_since_ns);
}

void WaitScope::TraceBegin(const WaitDescription& wait) {
  if (GivesToOutside(wait.reason)) Trace::Give(thread_);
  // What a signal handler waits for is part of the wait that it interrupts.
  if (!interrupts_)
    Trace::WaitBegun(thread_, wait.reason, wait.object != 0 ? wait.object : wait.task, wait.site);
}

void WaitScope::TraceEnd() {
  const uint16_t reason = thread_->record->wait_reason;
  Trace::WaitEnded(thread_, reason);
  if (GetsFromOutside(reason)) Trace::Get(thread_);
}

void WaitScope::BringOuterBack() {
  wire::TaskRecord* record = thread_->record;
  SetAnnouncing(1);
  EndWait();
  record->wait_reason = static_cast<uint16_t>(outer_.wait.reason);
  record->wait_flags = outer_.wait.flags;
  record->wait_object = outer_.wait.object;
  record->wait_address = outer_.wait.address;
  record->wait_task = outer_.wait.task;
  record->wait_extra = outer_.wait.extra;
  record->wait_site = outer_.wait.site;
  record->wait_since_ns = outer_.since_ns;
  thread_->registers = outer_.registers;
  __atomic_store_n(&record->state, outer_.state, __ATOMIC_RELAXED);
  if (outer_.blocked) __atomic_store_n(&record->wait_seq, record->wait_seq + 1, __ATOMIC_RELEASE);
  SetAnnouncing(outer_.announcing);
}

}  // namespace stray::agent
