// SPDX-License-Identifier: Apache-2.0
// pool.h: Go's sync.Pool: keeps what is not needed now for whoever needs one next.
//
//   stray::Pool<std::string> buffers([] { return std::string(); });
//   std::string buffer = buffers.Get();
//   ...
//   buffers.Put(std::move(buffer));
//
// Without any guarantee: what was put may be gone, and Get makes a new one then. Each processor has a cache of
// its own; a Get that finds it empty looks into the others. Where Go's garbage collector empties its pools,
// this one keeps no more than kMost values for each processor, and drops the rest at once.
//
// A Put happens before the Get that returns what was put.
#ifndef STRAY_POOL_H_
#define STRAY_POOL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <utility>

#include "stray/atomic.h"

namespace stray {

namespace detail {

// Of the processor that the calling task runs on; valid for an instant.
size_t ProcessorNumber() noexcept;

}  // namespace detail

// T may be move-only; moving it must neither wait nor throw.
template <typename T>
class Pool {
 public:
  static constexpr size_t kMost = 32;

  // A Pool without a function makes empty values.
  explicit Pool(std::function<T()> make_new = [] { return T(); }) : new_(std::move(make_new)) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (Cache& cache : caches_) {
      for (; cache.count > 0; --cache.count) Destroy(cache.slots[cache.count - 1]);
    }
  }

  T Get() {
    const size_t own = detail::ProcessorNumber();
    for (size_t i = 0; i < kCaches; ++i) {
      Cache& cache = caches_[(own + i) % kCaches];
      if (cache.count.load(std::memory_order_relaxed) == 0 || !detail::TryLockUnseen(&cache.word)) continue;
      Unlock unlock{&cache};
      const size_t count = cache.count.load(std::memory_order_relaxed);
      if (count == 0) continue;
      cache.count.store(count - 1, std::memory_order_relaxed);
      return Take(cache.slots[count - 1]);
    }
    return new_();
  }

  void Put(T value) {
    Cache& cache = caches_[detail::ProcessorNumber() % kCaches];
    if (!detail::TryLockUnseen(&cache.word)) return;
    Unlock unlock{&cache};
    const size_t count = cache.count.load(std::memory_order_relaxed);
    if (count == kMost) return;
    Slot& slot = cache.slots[count];
    // Of what others have kept there before, TSan knows nothing.
    {
      const detail::LookAway away;
      ::new (slot.memory) T(std::move(value));
    }
    detail::ReleaseAnew(&slot);
    cache.count.store(count + 1, std::memory_order_relaxed);
  }

 private:
  static constexpr size_t kCaches = 8;

  struct Slot {
    alignas(T) unsigned char memory[sizeof(T)];
  };
  struct alignas(64) Cache {
    std::atomic<uint32_t> word{0};
    std::atomic<size_t> count{0};
    std::array<Slot, kMost> slots;
  };
  struct Unlock {
    Cache* cache;
    ~Unlock() { detail::UnlockUnseen(&cache->word); }
  };

  static T* ValueIn(Slot& slot) { return std::launder(reinterpret_cast<T*>(slot.memory)); }
  static T Take(Slot& slot) {
    detail::Acquire(&slot);
    const detail::LookAway away;
    T value(std::move(*ValueIn(slot)));
    ValueIn(slot)->~T();
    return value;
  }
  static void Destroy(Slot& slot) {
    detail::Acquire(&slot);
    ValueIn(slot)->~T();
  }

  std::function<T()> new_;
  std::array<Cache, kCaches> caches_;
};

}  // namespace stray

#endif  // STRAY_POOL_H_
