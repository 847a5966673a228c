// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/hold.h"

#include <linux/membarrier.h>
#include <signal.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/snapshot.h"
#include "agent/recorder/threads.h"

namespace stray::agent {
namespace {

constexpr uint64_t kLongestNs = 1'000'000'000;       // for a thread to answer
constexpr uint64_t kLongestBlockedNs = 200'000'000;  // for one that blocks the signal to take it again
constexpr uint64_t kPauseNs = 200'000;

uint32_t arrivals = 0;  // a futex word

bool IsBlocked(const Thread* thread) {
  return (__atomic_load_n(&thread->record->wait_seq, __ATOMIC_ACQUIRE) & 1) != 0;
}

// One that could touch the program's memory.
bool Counts(const Thread* thread) {
  const wire::TaskRecord* record = thread->record;
  return record != nullptr && record->serial != 0 && record->tid != 0 && thread != tls.self &&
         record->state != static_cast<uint8_t>(wire::TaskState::kFinished) &&
         (record->flags & wire::kTaskAgent) == 0;
}

bool StandsStill(const Thread* thread) { return IsBlocked(thread) || Hold::Has(thread); }

// Whether some thread would have to be stopped by the signal, and blocks it.
bool IsAnyDeaf() {
  const auto signal = static_cast<int>(Box::Header()->snapshot_signal);
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (Counts(thread) && !StandsStill(thread) && IsSignalBlocked(thread->record->tid, signal)) return true;
  }
  return false;
}

}  // namespace

uint32_t Hold::word = 0;

void Hold::Prepare() { RawCall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0); }

bool Hold::Has(const Thread* thread) {
  return IsOn() && __atomic_load_n(&thread->held_by, __ATOMIC_ACQUIRE) == word;
}

uint64_t Hold::StackOf(const Thread* thread) { return thread->held_at; }

// A thread that has just come by in our handler, or is making another one, takes the signal again soon. Until
// then nobody is stopped, nor sent a signal: some block it for good.
bool Hold::Begin() {
  const uint64_t limit = PreciseNow() + kLongestBlockedNs;
  for (;;) {
    bool is_signal_blocked = IsAnyDeaf();
    if (!is_signal_blocked) {
      if (TryBegin(&is_signal_blocked)) return true;
      End();
    }
    if (!is_signal_blocked || PreciseNow() >= limit) return false;
    const uint32_t nobody = 0;
    FutexWait(&nobody, 0, kPauseNs);
  }
}

bool Hold::TryBegin(bool* is_signal_blocked) {
  __atomic_store_n(&word, word + 1, __ATOMIC_SEQ_CST);
  if (RawCall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) return false;
  const auto signal = static_cast<int>(Box::Header()->snapshot_signal);
  const uint64_t limit = PreciseNow() + kLongestNs;
  bool is_first_look = true;
  for (;;) {
    const uint32_t arrived = __atomic_load_n(&arrivals, __ATOMIC_ACQUIRE);
    uint32_t moving = 0;
    for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
      const Thread* thread = Threads::At(slot);
      if (!Counts(thread) || StandsStill(thread)) continue;
      // Nobody is to wait for one that will not answer.
      if (is_first_look && IsSignalBlocked(thread->record->tid, signal)) {
        *is_signal_blocked = true;
        return false;
      }
      const long sent = RawCall(SYS_tgkill, RawPid(), thread->record->tid, is_first_look ? signal : 0);
      if (sent != -ESRCH) ++moving;
    }
    if (moving == 0) return true;
    if (PreciseNow() >= limit) return false;
    is_first_look = false;
    FutexWait(&arrivals, arrived, kPauseNs);
  }
}

void Hold::End() {
  __atomic_store_n(&word, word + 1, __ATOMIC_SEQ_CST);
  FutexWake(&word);
}

void Hold::NoteHandlerStack(Thread* thread) {
  stack_t other = {};
  RawCall(SYS_sigaltstack, 0, reinterpret_cast<long>(&other));
  const bool has_other = (other.ss_flags & SS_DISABLE) == 0;
  thread->handler_stack = has_other ? reinterpret_cast<uint64_t>(other.ss_sp) : 0;
  thread->handler_stack_end = has_other ? thread->handler_stack + other.ss_size : 0;
}

void Hold::Wait(Thread* thread, const Registers& registers, const void* context) {
  if (thread == nullptr) return;
  const uint32_t held_by = __atomic_load_n(&word, __ATOMIC_ACQUIRE);
  if ((held_by & 1) == 0) return;
  if (!IsBlocked(thread)) thread->registers = registers;
  thread->held_at = reinterpret_cast<uint64_t>(context != nullptr ? context : __builtin_frame_address(0));
  NoteHandlerStack(thread);
  __atomic_store_n(&thread->held_by, held_by, __ATOMIC_RELEASE);
  __atomic_fetch_add(&arrivals, 1, __ATOMIC_RELEASE);
  FutexWake(&arrivals);
  while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == held_by) FutexWait(&word, held_by, kLongestNs);
}

void Hold::Reset() {
  if (IsOn()) ++word;
}

}  // namespace stray::agent
