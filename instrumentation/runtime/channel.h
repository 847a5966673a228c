// SPDX-License-Identifier: Apache-2.0
// channel.h: what a channel is inside.
//
// Invariants, under the lock
//   - If `receivers` is not empty, the buffer is empty; if `senders` is not empty, the buffer is full. Waiters
//   of selects
//     that another case has won may still be queued and do not count.
//   - A value in the buffer is at slot (first + i) % capacity.
//   - Once `closed`, nobody is queued.
//
// Source: Go's runtime/chan.go.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_CHANNEL_H_
#define STRAY_INSTRUMENTATION_RUNTIME_CHANNEL_H_

#include <atomic>
#include <cstring>

#include "agent/wire/channel_turns.h"
#include "instrumentation/runtime/object_uses.h"
#include "instrumentation/runtime/park.h"
#include "instrumentation/runtime/recent_operations.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/sanitizer_fiber.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/channel.h"
#include "stray/sync_core.h"

namespace stray::detail {

struct TimerState;  // time.cc

struct Channel {
  runtime::WordLock lock;
  std::atomic<uint32_t> closed{0};
  std::atomic<size_t> count{0};  // written under the lock, read anywhere
  size_t capacity = 0;
  size_t first = 0, end = 0;  // slots of the oldest value, and of the next to come
  ValueType type = {};
  char* buffer = nullptr;
  runtime::WaitQueue receivers, senders;
  std::atomic<uint32_t> references{1};
  const void* created_at = nullptr;
  uint64_t created_by = 0;
  const char* name = nullptr;
  uint32_t told_by = 0;         // who sent last, or closed it: see LifeOfCaller()
  bool is_watched = false;      // it is a WatchedChannel
  bool fed_by_timer = false;    // a timer sends, or closes it: who waits there may go on by itself
  TimerState* timer = nullptr;  // what sends here: see timer_channel.h

  char* Slot(size_t index) const { return buffer + index * type.size; }
  bool IsFull() const { return count.load(std::memory_order_relaxed) == capacity; }
};

// Beside an agent.
struct WatchedChannel : Channel {
  runtime_abi::ObjectUses uses = {};
};

// With the lock held: the calling task sends, receives or closes, or begins to wait for that.
inline void NoteUseBy(Channel* channel, runtime_abi::UseSide side, uint64_t task) {
  constexpr runtime::Operation kOperations[] = {runtime::Operation::kChanSend, runtime::Operation::kChanReceive,
                                                runtime::Operation::kChanClose};
  runtime::RecentOperations::Note(kOperations[side], channel);
  auto* watched = static_cast<WatchedChannel*>(channel);
  runtime_abi::ObjectUse& last = watched->uses.of[side][0];
  if (last.task == task) [[likely]] {
    ++last.count;
  } else {
    runtime::AddUse(watched->uses, side, task);
  }
}
inline void NoteUse(Channel* channel, runtime_abi::UseSide side) {
  if (channel->is_watched) [[unlikely]]
    NoteUseBy(channel, side, CurrentTaskId());
}

inline void Relocate(const ValueType& type, void* to, void* from) {
  if (type.relocate != nullptr) return type.relocate(to, from);
  // Most values are a word or an int, and a call costs more than to move it.
  if (type.size == sizeof(uint64_t)) [[likely]] {
    memcpy(to, from, sizeof(uint64_t));
  } else if (type.size == sizeof(uint32_t)) [[likely]] {
    memcpy(to, from, sizeof(uint32_t));
  } else {
    memcpy(to, from, type.size);
  }
}

[[noreturn]] void PanicSendOnClosed(const Channel* channel);

// What is done under the lock, by Send, Receive and Select. Each returns kWouldWait if there is nothing it can
// do, else the task to make ready once the lock is released, or null.
struct Step {
  Outcome outcome;
  uint32_t told_by;  // receivers: who sent it, see LifeOfCaller()
  runtime::Task* ready;
};

// For traces. Values leave the buffer in turn: who takes one does so after all those that were taken before.
// Who finds it full or empty, or asks how full it is, depends on all that was put in and taken out.
inline const void* PutTurn(const Channel* channel) {
  return reinterpret_cast<const void*>(trace::PutTurn(reinterpret_cast<uintptr_t>(channel)));
}
inline const void* TakeTurn(const Channel* channel) {
  return reinterpret_cast<const void*>(trace::TakeTurn(reinterpret_cast<uintptr_t>(channel)));
}
inline void TellCounted(const Channel* channel) {
  tsan::TellTurn(PutTurn(channel), true, false);
  tsan::TellTurn(TakeTurn(channel), true, false);
}

inline void PutIntoBuffer(Channel* channel, void* value) {
  char* slot = channel->Slot(channel->end);
  // Slot k is ordered with slot k alone: a receive happens before the send that uses its slot again.
  tsan::Acquire(slot);
  tsan::TellTurn(PutTurn(channel), false, true);
  Relocate(channel->type, slot, value);
  tsan::Release(slot);
  if (++channel->end == channel->capacity) channel->end = 0;
  channel->count.store(channel->count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

inline void TakeFromBuffer(Channel* channel, void* to) {
  char* slot = channel->Slot(channel->first);
  tsan::Acquire(slot);
  tsan::TellTurn(TakeTurn(channel), true, true);
  Relocate(channel->type, to, slot);
  tsan::Release(slot);
  if (++channel->first == channel->capacity) channel->first = 0;
  channel->count.store(channel->count.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

// A value goes to a receiver that waits. For TSan it goes through the buffer, as any other: the receive comes
// after this send, and before the one that will use the slot again, not before this one.
inline void HandThroughBuffer(Channel* channel, const runtime::Waiter* receiver, void* value) {
  PutIntoBuffer(channel, value);
  const runtime::InPlaceOf receiving(receiver->task);
  TakeFromBuffer(channel, receiver->value);
  tsan::Release(receiver);
}

// What a sender has that waits goes into the buffer: its own doing, not that of who has made room.
inline void PutOf(Channel* channel, const runtime::Waiter* sender) {
  const runtime::InPlaceOf sending(sender->task);
  PutIntoBuffer(channel, sender->value);
  tsan::Release(sender);
}

// The channel is open.
inline Step StepSend(Channel* channel, void* value) {
  if (runtime::Waiter* receiver = channel->receivers.Pop(); receiver != nullptr) {
    // A rendezvous orders both ways.
    if (tsan::HasTsan() && channel->capacity != 0) [[unlikely]] {
      HandThroughBuffer(channel, receiver, value);
    } else {
      tsan::Acquire(receiver);
      Relocate(channel->type, receiver->value, value);
      tsan::Release(receiver);
    }
    receiver->served = true;
    receiver->told_by = runtime::LifeOfCaller();
    receiver->task->fired = receiver;
    return {Outcome::kDone, 0, receiver->task};
  }
  if (channel->IsFull()) {
    TellCounted(channel);
    return {Outcome::kWouldWait, 0, nullptr};
  }
  PutIntoBuffer(channel, value);
  channel->told_by = runtime::LifeOfCaller();
  return {Outcome::kDone, 0, nullptr};
}

inline Step StepReceive(Channel* channel, void* to) {
  if (channel->count.load(std::memory_order_relaxed) != 0) {
    TakeFromBuffer(channel, to);
    runtime::Waiter* sender = channel->senders.Pop();
    if (sender == nullptr) {
      // Of those that have sent, only the last one is known.
      const bool was_last = channel->count.load(std::memory_order_relaxed) == 0;
      return {Outcome::kDone, was_last ? channel->told_by : 0, nullptr};
    }
    PutOf(channel, sender);
    sender->served = true;
    sender->task->fired = sender;
    channel->told_by = sender->task->record.life.teller;
    return {Outcome::kDone, 0, sender->task};
  }
  if (runtime::Waiter* sender = channel->senders.Pop(); sender != nullptr) {
    tsan::Acquire(sender);
    Relocate(channel->type, to, sender->value);
    tsan::Release(sender);
    sender->served = true;
    sender->task->fired = sender;
    return {Outcome::kDone, sender->task->record.life.teller, sender->task};
  }
  TellCounted(channel);
  if (channel->closed.load(std::memory_order_relaxed) != 0) {
    tsan::Acquire(channel);
    return {Outcome::kClosed, channel->told_by, nullptr};
  }
  return {Outcome::kWouldWait, 0, nullptr};
}

}  // namespace stray::detail

#endif  // STRAY_INSTRUMENTATION_RUNTIME_CHANNEL_H_
