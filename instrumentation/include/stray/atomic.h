// SPDX-License-Identifier: Apache-2.0
// atomic.h: Go's package sync/atomic.
//
//   stray::Atomic<int64_t> count;              stray::Atomic<std::shared_ptr<const Config>> config;
//   count.Add(1);                              config.Store(std::make_shared<Config>(...));
//
// All operations are sequentially consistent: what is seen by one happens after what wrote it. A type that the
// machine can treat as one is a std::atomic; any other (Go's atomic.Value) is copied under a lock that is held
// for the copy only, so its copying must neither wait nor throw.
#ifndef STRAY_ATOMIC_H_
#define STRAY_ATOMIC_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace stray {

namespace detail {

// A lock that TSan does not see; edges are told by those who use it.
void LockUnseen(std::atomic<uint32_t>* word) noexcept;
bool TryLockUnseen(std::atomic<uint32_t>* word) noexcept;
void UnlockUnseen(std::atomic<uint32_t>* word) noexcept;
bool IsTsanThere() noexcept;
void Acquire(const void* address) noexcept;
void Release(const void* address) noexcept;
// As Release; what was released there before is forgotten. With a lock that keeps others from acquiring it.
void ReleaseAnew(const void* address) noexcept;
// Between the two, TSan takes no notice of what the calling task reads and writes.
void IgnoreAccesses() noexcept;
void SeeAccesses() noexcept;

// The same for a block.
class LookAway {
 public:
  LookAway() { IgnoreAccesses(); }
  ~LookAway() { SeeAccesses(); }
  LookAway(const LookAway&) = delete;
  LookAway& operator=(const LookAway&) = delete;
};

class UnseenGuard {
 public:
  explicit UnseenGuard(std::atomic<uint32_t>* word) : word_(word) {
    LockUnseen(word_);
    IgnoreAccesses();
  }
  ~UnseenGuard() {
    SeeAccesses();
    UnlockUnseen(word_);
  }
  UnseenGuard(const UnseenGuard&) = delete;
  UnseenGuard& operator=(const UnseenGuard&) = delete;

 private:
  std::atomic<uint32_t>* word_;
};

template <typename T>
constexpr bool IsMachineAtomic() {
  if constexpr (std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T>) {
    return std::atomic<T>::is_always_lock_free;
  } else {
    return false;
  }
}

}  // namespace detail

template <typename T, bool = detail::IsMachineAtomic<T>()>
class Atomic {
 public:
  constexpr Atomic() : value_(T()) {}
  constexpr Atomic(T value) : value_(value) {}  // NOLINT: as std::atomic
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T Load() const { return value_.load(); }
  void Store(T value) { value_.store(value); }
  // Returns what was there.
  T Swap(T value) { return value_.exchange(value); }
  // Stores `to` if `from` is there.
  bool CompareAndSwap(T from, T to) { return value_.compare_exchange_strong(from, to); }
  // Returns the sum, as in Go; std::atomic returns what was there.
  T Add(T delta) requires std::is_integral_v<T> { return static_cast<T>(value_.fetch_add(delta) + delta); }
  // These two return what was there.
  T And(T mask) requires std::is_integral_v<T> { return value_.fetch_and(mask); }
  T Or(T mask) requires std::is_integral_v<T> { return value_.fetch_or(mask); }

 private:
  std::atomic<T> value_;
};

template <typename T>
class Atomic<T, false> {
 public:
  Atomic() = default;
  Atomic(T value) : value_(std::move(value)) {}  // NOLINT: as std::atomic
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T Load() const {
    detail::UnseenGuard guard(&word_);
    detail::Acquire(this);
    return value_;
  }
  void Store(T value) {
    // To the end: who stores does not come after who has stored what is destroyed here.
    const detail::LookAway away;
    std::optional<T> old;
    detail::UnseenGuard guard(&word_);
    old.emplace(std::move(value_));
    value_ = std::move(value);
    detail::ReleaseAnew(this);
  }
  T Swap(T value) {
    detail::UnseenGuard guard(&word_);
    detail::Acquire(this);
    detail::ReleaseAnew(this);
    std::swap(value_, value);
    return value;  // destroyed by the caller, without the lock
  }
  bool CompareAndSwap(const T& from, T to) {
    detail::UnseenGuard guard(&word_);
    detail::Acquire(this);
    if (!(value_ == from)) return false;
    detail::ReleaseAnew(this);
    std::swap(value_, to);
    return true;
  }

 private:
  mutable std::atomic<uint32_t> word_{0};
  T value_{};
};

}  // namespace stray

#endif  // STRAY_ATOMIC_H_
