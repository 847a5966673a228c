// SPDX-License-Identifier: Apache-2.0
// semaphore.h: a weighted semaphore, as golang.org/x/sync/semaphore.
//
//   stray::Semaphore memory(1 << 30);
//   if (stray::Error error = memory.Acquire(context, size)) return error;
//   ...
//   memory.Release(size);
//
// First come, first served: one that wants much is not overtaken by those that want little. Releasing more than
// is held panics ("semaphore: released more than held"). It may be destroyed once nobody is inside one of its
// functions.
//
// A Release happens before each later Acquire that returns.
#ifndef STRAY_SEMAPHORE_H_
#define STRAY_SEMAPHORE_H_

#include <cstdint>

#include "stray/context.h"
#include "stray/error.h"
#include "stray/sync_core.h"

namespace stray {

namespace detail {

struct SemaphoreWaiter;

struct SemaphoreCore {
  int64_t size = 0;
  int64_t held = 0;  // with the lock
  std::atomic<uint32_t> lock{0};
  std::atomic<uint32_t> uses{0};  // beside an agent: runtime/object_uses.h
  SemaphoreWaiter* first = nullptr;
  SemaphoreWaiter* last = nullptr;
  Holder last_holder;
};

void AcquireWeight(SemaphoreCore* semaphore, int64_t weight) noexcept;
Error AcquireWeight(SemaphoreCore* semaphore, const Context& context, int64_t weight);
bool TryAcquireWeight(SemaphoreCore* semaphore, int64_t weight) noexcept;
void ReleaseWeight(SemaphoreCore* semaphore, int64_t weight) noexcept;

}  // namespace detail

class Semaphore {
 public:
  explicit constexpr Semaphore(int64_t size) { semaphore_.size = size; }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  // Waits until so much is free; for ever, if it is more than there is.
  [[gnu::always_inline]] void Acquire(int64_t weight = 1) {
    detail::AcquireWeight(&semaphore_, weight);
    detail::KeepFrame();
  }
  // The same; gives up with the context's error, and takes nothing, once the context is done.
  [[gnu::always_inline]] Error Acquire(const Context& context, int64_t weight = 1) {
    return detail::AcquireWeight(&semaphore_, context, weight);
  }
  // False if it would have to wait, or if others wait.
  [[nodiscard, gnu::always_inline]] bool TryAcquire(int64_t weight = 1) {
    return detail::TryAcquireWeight(&semaphore_, weight);
  }
  [[gnu::always_inline]] void Release(int64_t weight = 1) { detail::ReleaseWeight(&semaphore_, weight); }

 private:
  detail::SemaphoreCore semaphore_;
};

}  // namespace stray

#endif  // STRAY_SEMAPHORE_H_
