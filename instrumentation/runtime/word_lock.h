// SPDX-License-Identifier: Apache-2.0
// word_lock.h: the lock of the runtime's own structures: one word, held for a few instructions.
//
// May be taken by one task and released, after a switch, on the stack of the next (park.h).
//
// It spins, then gives the processor away, then sleeps for short times: so releasing it is a plain store, where
// a lock that wakes its waiters needs an atomic exchange, which would be a quarter of what a channel operation
// costs. Nobody waits long: only the loss of its processor can keep a holder from releasing it at once.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_WORD_LOCK_H_
#define STRAY_INSTRUMENTATION_RUNTIME_WORD_LOCK_H_

#include <atomic>
#include <cstdint>

namespace stray::runtime {

class WordLock {
 public:
  void Lock() {
    if (word_.exchange(1, std::memory_order_acquire) != 0) [[unlikely]]
      LockSlow();
  }
  bool TryLock() { return word_.exchange(1, std::memory_order_acquire) == 0; }
  void Unlock() { word_.store(0, std::memory_order_release); }

 private:
  void LockSlow();

  std::atomic<uint32_t> word_{0};
};

class WordGuard {
 public:
  explicit WordGuard(WordLock& lock) : lock_(lock) { lock_.Lock(); }
  ~WordGuard() { lock_.Unlock(); }
  WordGuard(const WordGuard&) = delete;
  WordGuard& operator=(const WordGuard&) = delete;

 private:
  WordLock& lock_;
};

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_WORD_LOCK_H_
