// SPDX-License-Identifier: Apache-2.0
// record.h: what a hook writes down: events, held locks, waits. The hot part of the agent.
//
// The uncontended path of a lock is: try the real lock, read its tag, push a HeldLock, store an Event, and, if
// another lock is held already, one look-up in the thread's table of known lock chains. No clock, no lock,
// no call.
#ifndef STRAY_AGENT_RECORDER_RECORD_H_
#define STRAY_AGENT_RECORDER_RECORD_H_

#include "agent/base/raw.h"
#include "agent/recorder/hold.h"
#include "agent/recorder/lock_order.h"
#include "agent/recorder/thread.h"
#include "agent/recorder/trace.h"
#include "agent/recorder/wait_profile.h"

namespace stray::agent {

STRAY_HOT void RecordEvent(Thread* thread, wire::EventKind kind, uint32_t object, uint32_t sequence,
                           wire::Site site) {
  wire::TaskRecord* record = thread->record;
  const uint32_t head = record->event_head;
  wire::Event& event = record->events[head & (wire::kEventRing - 1)];
  event.site = site;
  // Object and kind_sequence in one store.
  const uint64_t rest = uint64_t{static_cast<uint32_t>(kind) | sequence << 8} << 32 | object;
  static_assert(offsetof(wire::Event, kind_sequence) == offsetof(wire::Event, object) + 4);
  __builtin_memcpy(&event.object, &rest, sizeof(rest));
  __atomic_store_n(&record->event_head, head + 1, __ATOMIC_RELAXED);
  if (STRAY_UNLIKELY(thread->is_traced != 0)) Trace::Note(thread, kind, object, site);
}

// The thread got `object` while it holds other locks.
void PushHeldOnTop(Thread* thread, uint32_t object, uint32_t flags, wire::Site site);

// The thread got `object`. `flags`: wire::HeldFlags. What a lone lock needs calls nothing, so that the hook
// around it has few registers to save.
STRAY_HOT void PushHeld(Thread* thread, uint32_t object, uint32_t flags, wire::Site site) {
  wire::TaskRecord* record = thread->record;
  if (STRAY_UNLIKELY(record->held_count != 0)) return PushHeldOnTop(thread, object, flags, site);
  *thread->held = {object, static_cast<uint16_t>(flags), 1, site, FirstInChain(object, flags)};
  // Readers (snapshots, the outside) trust entries below the count.
  __atomic_store_n(&record->held_count, 1, __ATOMIC_RELEASE);
}

// The held entry of `object`, newest first; null if it is not held.
inline wire::HeldLock* FindHeld(Thread* thread, uint32_t object) {
  for (uint32_t n = thread->record->held_count; n > 0; --n) {
    if (thread->held[n - 1].object == object) return &thread->held[n - 1];
  }
  return nullptr;
}

// Takes the entry out, wherever in the stack of held locks it is.
void RemoveHeldSlow(Thread* thread, wire::HeldLock* entry);
inline void RemoveHeld(Thread* thread, wire::HeldLock* entry) {
  const uint32_t n = thread->record->held_count;
  if (STRAY_LIKELY(entry == &thread->held[n - 1])) {
    __atomic_store_n(&thread->record->held_count, n - 1, __ATOMIC_RELEASE);
  } else {
    RemoveHeldSlow(thread, entry);
  }
}

// Closes holes that ForgetHolder() has left. Returns how many locks are held then.
uint32_t CloseHoles(Thread* thread);

#define STRAY_INLINE_WAIT __attribute__((always_inline))

// What a thread is about to wait for.
struct WaitDescription {
  wire::WaitReason reason;
  uint16_t flags = 0;  // wire::WaitFlags
  uint32_t object = 0;
  uint64_t address = 0;
  uint32_t task = 0;
  uint64_t extra = 0;
  wire::Site site = 0;
};

// Waits in which something goes to other tasks or processes, or comes from them.
constexpr bool GivesToOutside(wire::WaitReason reason) {
  return reason == wire::WaitReason::kWrite || reason == wire::WaitReason::kSend ||
         reason == wire::WaitReason::kConnect || reason == wire::WaitReason::kMessageQueue ||
         reason == wire::WaitReason::kSysvIpc || reason == wire::WaitReason::kFileLock;
}
constexpr bool GetsFromOutside(uint16_t reason) {
  return (reason >= static_cast<uint16_t>(wire::WaitReason::kPoll) &&
          reason <= static_cast<uint16_t>(wire::WaitReason::kOpen) &&
          !GivesToOutside(static_cast<wire::WaitReason>(reason))) ||
         reason == static_cast<uint16_t>(wire::WaitReason::kWaitPid) ||
         reason == static_cast<uint16_t>(wire::WaitReason::kSigWait) ||
         reason == static_cast<uint16_t>(wire::WaitReason::kMessageQueue) ||
         reason == static_cast<uint16_t>(wire::WaitReason::kSysvIpc) ||
         reason == static_cast<uint16_t>(wire::WaitReason::kFileLock);
}

// A wait, from construction to destruction. If the thread is cancelled inside, the destructor does not run; the
// end of the thread clears up. Must stand in the function that makes the blocking call: the registers are saved
// in its frame, before anybody is told to walk from them.
//
// Nests: a signal handler may come between any two instructions here, and wait. So it must leave the record as
// it found it, whether the wait that it interrupts is
//   blocked      wait_seq is odd
//   announcing   being written down, from the first store until wait_seq is odd; Thread::announcing says so
//   ending       wait_seq is even again and nothing of the record is needed any more
// In the first two cases the inner wait keeps what it overwrites, and puts it back. Fields change only while
// wait_seq is even, so that a reader who sees it odd twice, unchanged, has a consistent picture.
class WaitScope {
 public:
  STRAY_INLINE_WAIT WaitScope(Thread* thread, const WaitDescription& wait) : thread_(thread) {
    wire::TaskRecord* record = thread->record;
    interrupts_ = (record->wait_seq & 1) != 0 || thread->announcing != 0;
    if (STRAY_UNLIKELY(interrupts_)) {
      SetOuterAside();  // and is not counted
    } else if (STRAY_UNLIKELY(WaitProfile::IsOn())) {
      begun_ = WaitProfile::Begin(wait.reason, wait.object);
    }
    SetAnnouncing(1);
    record->wait_reason = static_cast<uint16_t>(wait.reason);
    record->wait_flags = wait.flags | wire::kWaitHeldStack;
    record->wait_object = wait.object;
    record->wait_address = wait.address;
    record->wait_task = wait.task;
    record->wait_extra = wait.extra;
    record->wait_site = wait.site;
    record->wait_since_ns = CoarseNow();
    ++record->waits;
    STRAY_SAVE_REGISTERS(thread->registers);
    if (STRAY_UNLIKELY(thread->is_traced != 0)) TraceBegin(wait);
    __atomic_store_n(&record->state, static_cast<uint8_t>(wire::TaskState::kBlocked), __ATOMIC_RELAXED);
    __atomic_store_n(&record->wait_seq, record->wait_seq + 1, __ATOMIC_RELEASE);
    SetAnnouncing(0);
  }
  ~WaitScope() {
    wire::TaskRecord* record = thread_->record;
    if (STRAY_UNLIKELY(interrupts_)) {
      BringOuterBack();
      return;
    }
    record->last_site = record->wait_site;
    EndWait();
    __atomic_store_n(&record->state, static_cast<uint8_t>(wire::TaskState::kRunning), __ATOMIC_RELAXED);
    if (STRAY_UNLIKELY(thread_->is_traced != 0)) TraceEnd();
    if (STRAY_UNLIKELY(WaitProfile::IsOn())) CountWait();
    // The wait's registers will do: the frames above its own are as they were.
    Hold::WaitIfHeld(thread_, thread_->registers);
  }
  // The thread has not waited after all.
  void DoNotCount() { counts_ = false; }
  WaitScope(const WaitScope&) = delete;
  WaitScope& operator=(const WaitScope&) = delete;

 private:
  void SetOuterAside();
  void BringOuterBack();
  void CountWait();
  void TraceBegin(const WaitDescription& wait);
  void TraceEnd();

  void SetAnnouncing(uint32_t value) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&thread_->announcing, value, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
  }
  // To the next even number, from an even one too: longjmp() in a signal handler may have ended this wait
  // already.
  void EndWait() {
    uint32_t* seq = &thread_->record->wait_seq;
    __atomic_store_n(seq, (*seq | 1) + 1, __ATOMIC_RELEASE);
  }

  struct Outer {
    WaitDescription wait;
    uint64_t since_ns;
    Registers registers;
    uint32_t announcing;
    bool blocked;
    uint8_t state;
  };
  Thread* thread_;
  bool interrupts_;
  bool counts_ = true;  // once it has ended
  WaitProfile::Begun begun_;
  Outer outer_;  // only if it interrupts one
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_RECORD_H_
