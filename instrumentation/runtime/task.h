// SPDX-License-Identifier: Apache-2.0
// task.h: what can wait: a goroutine, or a thread that uses channels and locks of the runtime.
//
// Invariants
//   - Tasks are never given back to the system, only used again under a new id: whoever holds a pointer may
//   read.
//   - Only the task itself, or who has just taken it off a queue, writes its fields.
//   - A goroutine in state kWaiting or kRunnable has its registers in `context`, unless it has not begun
//   (`stack.low`
//     is null): a stack is given when it runs first, so that a thousand that run one after the other need one.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_TASK_H_
#define STRAY_INSTRUMENTATION_RUNTIME_TASK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "instrumentation/bridge/goroutine_record.h"
#include "instrumentation/runtime/context.h"
#include "instrumentation/runtime/stack_pool.h"
#include "instrumentation/runtime/wait_reason.h"

namespace stray::runtime {

using bridge::TaskState;

inline constexpr size_t kInlineClosure = 64;

struct Waiter;

struct alignas(64) Task {
  bridge::GoroutineRecord record;
  Task* next = nullptr;  // in a run queue or free list
  // What it waits for.
  Waiter* fired = nullptr;            // the waiter that has been served
  std::atomic<uint32_t> selected{0};  // in Select: 1 once one case has won
  uint32_t case_count = 0;            // in Select: of `cases`, while it waits
  const Waiter* cases = nullptr;
  std::atomic<uint32_t> wake{0};  // threads: futex word, 1 once woken
  // What it runs.
  void (*run)(void* closure) = nullptr;
  void* closure = nullptr;                    // inline_closure, or from the heap
  void (*run_heap)(void* closure) = nullptr;  // for a closure from the heap
  Stack stack;
  void* exceptions[2] = {};         // __cxa_eh_globals while it does not run
  void* sanitizer_fiber = nullptr;  // of TSan
  void* fake_stack = nullptr;       // of ASan
  alignas(16) unsigned char inline_closure[kInlineClosure];
  const void* comes_after = nullptr;  // for TSan: the machine that it was told to come after last
  uint64_t priority = 0;  // of a seeded order; 0: not drawn yet. Last, so that nothing else moves apart

  Context& context() { return reinterpret_cast<Context&>(record.context); }
  bool is_goroutine() const { return record.kind == bridge::kGoroutine; }
  TaskState state() const { return static_cast<TaskState>(record.state.load(std::memory_order_relaxed)); }
  void set_state(TaskState state) {
    record.state.store(static_cast<uint8_t>(state), std::memory_order_relaxed);
  }
};

// Fetches a task that will soon be used into the caches; null and old pointers do no harm.
inline void Prefetch(const Task* task) {
  for (size_t line = 0; line < sizeof(Task); line += 64) {
    __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(task) + line), 1);
  }
}

// One place in the queue of an object. Lies on the stack of the task that waits.
struct Waiter {
  Task* task;
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
  void* value = nullptr;   // where to take from, or to put
  void* object = nullptr;  // select: the channel of this case
  uint32_t index = 0;      // select: number of the case
  uint32_t told_by = 0;    // who has served a receiver: see LifeOfCaller()
  bool is_select = false;
  bool sends = false;   // select: this case
  bool served = false;  // by a value, not by a close
  bool queued = false;
};

// First in, first out. Guarded by the lock of the object.
class WaitQueue {
 public:
  bool IsEmpty() const { return head_ == nullptr; }
  Waiter* First() const { return head_; }
  void Push(Waiter* waiter) {
    waiter->previous = tail_;
    waiter->next = nullptr;
    waiter->queued = true;
    (tail_ == nullptr ? head_ : tail_->next) = waiter;
    tail_ = waiter;
  }
  void PushFront(Waiter* waiter) {
    waiter->next = head_;
    waiter->previous = nullptr;
    waiter->queued = true;
    (head_ == nullptr ? tail_ : head_->previous) = waiter;
    head_ = waiter;
  }
  // Null if it is empty. One that waits in a select is taken only if no other case has won it.
  Waiter* Pop() {
    for (;;) {
      Waiter* first = head_;
      if (first == nullptr) return nullptr;
      Remove(first);
      if (!first->is_select) return first;
      uint32_t open = 0;
      if (first->task->selected.compare_exchange_strong(open, 1, std::memory_order_acq_rel)) return first;
    }
  }
  void Remove(Waiter* waiter) {
    if (!waiter->queued) return;
    waiter->queued = false;
    (waiter->previous == nullptr ? head_ : waiter->previous->next) = waiter->next;
    (waiter->next == nullptr ? tail_ : waiter->next->previous) = waiter->previous;
  }

 private:
  Waiter* head_ = nullptr;
  Waiter* tail_ = nullptr;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_TASK_H_
