// SPDX-License-Identifier: Apache-2.0
// spin_lock.h: the only kind of lock inside the agent.
//
// Held for a few hundred instructions at most and never across a call of the host or of libc. A thread
// that holds one has its hooks switched off (InsideAgent), so neither a nested hook nor our snapshot
// handler, which waits for InsideAgent to end, can ask for a lock that its own thread holds.
//
// Order, outermost first: snapshot, tasks, chains, objects, stacks, unwinder, modules, box.
#ifndef STRAY_AGENT_BASE_SPIN_LOCK_H_
#define STRAY_AGENT_BASE_SPIN_LOCK_H_

#include <atomic>
#include <cstdint>

#include "agent/base/raw.h"

namespace stray::agent {

class SpinLock {
 public:
  void Lock() {
    for (unsigned spins = 0; !TryLock(); ++spins) {
      if (spins % 64 == 63) RawCall(SYS_sched_yield);  // the holder may have been preempted
    }
  }
  // Pairs with the release in Unlock().
  bool TryLock() {
    return word_.load(std::memory_order_relaxed) == 0 && word_.exchange(1, std::memory_order_acquire) == 0;
  }
  void Unlock() { word_.store(0, std::memory_order_release); }

 private:
  std::atomic<uint32_t> word_{0};
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.Lock(); }
  ~SpinGuard() { lock_.Unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_BASE_SPIN_LOCK_H_
