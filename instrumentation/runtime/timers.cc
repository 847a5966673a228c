// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/timers.h"

#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {

bool TimerHeap::Add(Timer* timer) {
  WordGuard guard(lock_);
  AddLocked(timer);
  UpdateEarliest();
  return timer->index == 0;
}

bool TimerHeap::Remove(Timer* timer) {
  WordGuard guard(lock_);
  if (timer->heap.load(std::memory_order_relaxed) != this) return false;
  RemoveAt(timer->index);
  UpdateEarliest();
  return true;
}

Timer* TimerHeap::PopDue(int64_t now_ns) {
  WordGuard guard(lock_);
  if (heap_.empty() || heap_[0]->when_ns > now_ns) return nullptr;
  Timer* first = heap_[0];
  RemoveAt(0);
  UpdateEarliest();
  return first;
}

void TimerHeap::MoveTo(TimerHeap& other) {
  // With both locks, so that no timer is ever seen outside of a heap: StopTimer() would take it for one that
  // has fired.
  WordGuard guard(lock_);
  WordGuard other_guard(other.lock_);
  for (Timer* timer : heap_) other.AddLocked(timer);
  heap_.clear();
  UpdateEarliest();
  other.UpdateEarliest();
}

void TimerHeap::AddLocked(Timer* timer) {
  if (heap_.size() == heap_.capacity()) {
    // TSan sees the C library move what is in the heap, and not the lock.
    const tsan::IgnoreScope move;
    heap_.push_back(timer);
  } else {
    heap_.push_back(timer);
  }
  timer->heap.store(this, std::memory_order_release);
  timer->index = static_cast<uint32_t>(heap_.size() - 1);
  Up(timer->index);
}

void TimerHeap::Place(Timer* timer, uint32_t index) {
  heap_[index] = timer;
  timer->index = index;
}

void TimerHeap::Up(uint32_t index) {
  Timer* timer = heap_[index];
  while (index > 0) {
    const uint32_t parent = (index - 1) / 2;
    if (heap_[parent]->when_ns <= timer->when_ns) break;
    Place(heap_[parent], index);
    index = parent;
  }
  Place(timer, index);
}

void TimerHeap::Down(uint32_t index) {
  Timer* timer = heap_[index];
  for (;;) {
    uint32_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ns < heap_[child]->when_ns) ++child;
    if (heap_[child]->when_ns >= timer->when_ns) break;
    Place(heap_[child], index);
    index = child;
  }
  Place(timer, index);
}

void TimerHeap::RemoveAt(uint32_t index) {
  heap_[index]->heap.store(nullptr, std::memory_order_release);
  Timer* last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  Place(last, index);
  Down(index);
  Up(last->index);
}

void TimerHeap::UpdateEarliest() {
  earliest_.store(heap_.empty() ? kNever : heap_[0]->when_ns, std::memory_order_relaxed);
}

bool StopTimer(Timer* timer) {
  // A heap may hand its timers to another meanwhile; then the timer says so.
  for (;;) {
    TimerHeap* heap = timer->heap.load(std::memory_order_acquire);
    if (heap == nullptr) return false;
    if (heap->Remove(timer)) return true;
    if (timer->heap.load(std::memory_order_acquire) == nullptr) return false;
  }
}

std::atomic<uint64_t>& PendingCalls() {
  static constinit std::atomic<uint64_t> calls{0};
  return calls;
}

}  // namespace stray::runtime
