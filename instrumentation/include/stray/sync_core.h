// SPDX-License-Identifier: Apache-2.0
// sync_core.h: what mutexes, wait groups and their like have in common. Not for users.
#ifndef STRAY_SYNC_CORE_H_
#define STRAY_SYNC_CORE_H_

#include <atomic>
#include <cstdint>

namespace stray::runtime {

struct Waiter;

}  // namespace stray::runtime

namespace stray::detail {

// A word of state and the queue of who waits. All zero at first, so that an object of static storage needs no
// constructor; it has no destructor either, since goroutines may outlive static objects.
struct SyncCore {
  std::atomic<uint32_t> state{0};
  std::atomic<uint32_t> lock{0};  // a WordLock; guards the queue
  runtime::Waiter* first = nullptr;
  runtime::Waiter* last = nullptr;
};

// Makes the calling thread known to the runtime; returns the id of its task.
uint64_t KnowTask() noexcept;

// The id of the calling task. The first word of the thread's state is its task, whose first word is its id. Not
// by thread_local: a goroutine may change threads, and compilers keep addresses (runtime/thread_state.h).
[[gnu::always_inline]] inline uint64_t CurrentTaskId() noexcept {
#if defined(__x86_64__)
  const std::atomic<uint64_t>* task;
  asm volatile(
      "movq stray_runtime_thread_state@gottpoff(%%rip), %0\n\t"
      "movq %%fs:(%0), %0"
      : "=r"(task));
  return task != nullptr ? task->load(std::memory_order_relaxed) : KnowTask();
#else
  return KnowTask();
#endif
}

// An address in the function of the user that this is inlined into, as if a call returned there.
[[gnu::always_inline]] inline const void* Here() noexcept {
  const void* address;
#if defined(__x86_64__)
  asm("leaq 0(%%rip), %0" : "=r"(address));
#elif defined(__aarch64__)
  asm("adr %0, ." : "=r"(address));
#else
  address = nullptr;
#endif
  return address;
}

// Behind a call that may wait: else it could become a jump, and the frame of the function that waits be gone
// from every stack.
[[gnu::always_inline]] inline void KeepFrame() noexcept { asm volatile(""); }

// Who has an object, and where it was taken. Stands while the object is free: the state tells.
struct Holder {
  std::atomic<uint64_t> task{0};
  std::atomic<const void*> site{nullptr};

  [[gnu::always_inline]] void Set(uint64_t id, const void* where) noexcept {
    task.store(id, std::memory_order_relaxed);
    site.store(where, std::memory_order_relaxed);
  }
};

}  // namespace stray::detail

#endif  // STRAY_SYNC_CORE_H_
