// SPDX-License-Identifier: Apache-2.0
// run_queue.h: the tasks that one processor will run, in order. One thread puts in and takes out, others steal.
//
// A ring whose head is moved by whoever takes (compare-and-swap), whose tail by the owner alone.
// Source: Go's runtime, proc.go, runqput, runqget and runqgrab.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_RUN_QUEUE_H_
#define STRAY_INSTRUMENTATION_RUNTIME_RUN_QUEUE_H_

#include <atomic>
#include <cstdint>

#include "instrumentation/runtime/task.h"

namespace stray::runtime {

// A chain of tasks by Task::next, first to last.
struct TaskList {
  Task* head = nullptr;
  Task* tail = nullptr;
  uint32_t count = 0;

  void Push(Task* task) {
    task->next = nullptr;
    (tail == nullptr ? head : tail->next) = task;
    tail = task;
    ++count;
  }
  Task* Pop() {
    Task* first = head;
    if (first == nullptr) return nullptr;
    head = first->next;
    if (head == nullptr) tail = nullptr;
    --count;
    return first;
  }
  void Append(TaskList& other) {
    if (other.head == nullptr) return;
    (tail == nullptr ? head : tail->next) = other.head;
    tail = other.tail;
    count += other.count;
    other = {};
  }
};

class RunQueue {
 public:
  static constexpr uint32_t kSize = 256;
  static constexpr uint32_t kAhead = 2;  // so many turns before it runs, a task is fetched into the caches

  // Owner. False if it is full.
  bool Push(Task* task) {
    // Pairs with the release of whoever moved the head: its reads of the slot are over.
    const uint32_t head = head_.load(std::memory_order_acquire);
    const uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head >= kSize) return false;
    ring_[tail % kSize].store(task, std::memory_order_relaxed);
    tail_.store(tail + 1, std::memory_order_release);  // pairs with the acquire in Steal()
    return true;
  }
  // Owner. Null if it is empty.
  Task* Pop() {
    uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      if (head == tail_.load(std::memory_order_relaxed)) return nullptr;
      Task* task = ring_[head % kSize].load(std::memory_order_relaxed);
      // With many tasks each has long left the caches when its turn comes. A slot that nobody has filled holds
      // an old task, or null: to fetch that does no harm.
      Prefetch(ring_[(head + kAhead) % kSize].load(std::memory_order_relaxed));
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel)) return task;
    }
  }
  // Owner. Takes the older half out, for a queue that is full; returns how many these are.
  uint32_t TakeHalf(Task* (&taken)[kSize / 2]) {
    uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      const uint32_t count = (tail_.load(std::memory_order_relaxed) - head) / 2;
      for (uint32_t i = 0; i < count; ++i) taken[i] = ring_[(head + i) % kSize].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + count, std::memory_order_acq_rel)) return count;
    }
  }
  // Anybody. Moves half of the tasks, at least one, to `to`, which the caller owns and which is empty, but for
  // one that it returns. Null if there is none.
  Task* StealInto(RunQueue& to) {
    uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      const uint32_t tail = tail_.load(std::memory_order_acquire);
      uint32_t count = tail - head;
      count -= count / 2;
      if (count == 0) return nullptr;
      if (count > kSize / 2) {  // head and tail were not read at the same time
        head = head_.load(std::memory_order_acquire);
        continue;
      }
      const uint32_t to_tail = to.tail_.load(std::memory_order_relaxed);
      Task* last = nullptr;
      for (uint32_t i = 0; i < count; ++i) {
        last = ring_[(head + i) % kSize].load(std::memory_order_relaxed);
        to.ring_[(to_tail + i) % kSize].store(last, std::memory_order_relaxed);
      }
      if (!head_.compare_exchange_weak(head, head + count, std::memory_order_acq_rel)) continue;
      if (count > 1) to.tail_.store(to_tail + count - 1, std::memory_order_release);
      return last;
    }
  }
  bool IsEmpty() const {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
  }
  uint32_t Count() const {
    return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire);
  }

 private:
  alignas(64) std::atomic<uint32_t> head_{0};
  alignas(64) std::atomic<uint32_t> tail_{0};
  std::atomic<Task*> ring_[kSize] = {};
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_RUN_QUEUE_H_
