// SPDX-License-Identifier: Apache-2.0
// lock_order.h: which locks were taken while which others were held.
//
// A lock chain is the row of locks a thread holds, outermost first, ending with the one it just took or
// wants. Each different chain is kept once, with the first tasks that went through it and the stack of
// each at first sight; the analyzer looks for circles in them (Goodlock: Havelund, SPIN 2000).
//
// The hot question "have I recorded this chain?" costs one look-up: each HeldLock carries a hash over itself
// and all entries below, and each thread remembers the hashes it has recorded since its last create or join
// (those order tasks, so a chain seen before and after one is recorded for both).
#ifndef STRAY_AGENT_RECORDER_LOCK_ORDER_H_
#define STRAY_AGENT_RECORDER_LOCK_ORDER_H_

#include "agent/recorder/thread.h"
#include "agent/wire/runtime_abi.h"

namespace stray::agent {

// The chain of a lock with nothing held below it. No multiplication: most locks stay alone.
inline uint64_t FirstInChain(uint32_t object, uint32_t flags) {
  return object | static_cast<uint64_t>(flags & (wire::kHeldRead | wire::kHeldTry)) << 30;
}

// Depends on the order, and cannot collide for two locks: the lower one is turned into the other half first.
inline uint64_t ExtendChain(uint64_t below, uint32_t object, uint32_t flags) {
  return ((below << 32 | below >> 32) ^ FirstInChain(object, flags)) * 0x9E3779B97F4A7C15u;
}

inline uint64_t SeenKey(const Thread* thread, uint64_t chain) {
  return chain + static_cast<uint64_t>(thread->record->life_epoch) * 0xD6E8FEB86659FD93u;
}

inline bool IsChainSeen(const Thread* thread, uint64_t chain) {
  const uint64_t key = SeenKey(thread, chain);
  return thread->seen_chains[key >> 56] == key;
}
static_assert(kSeenChains == 256);

// Records the chain of all locks that `thread` holds, the newest being the one just taken.
void RecordChainSlow(Thread* thread);

// Records the chain that would come about if `thread` got `object` now: it is about to wait for it.
void RecordWantedChain(const InsideAgent& inside, Thread* thread, uint32_t object, uint32_t flags,
                       wire::Site site);

// A goroutine that has `count` locks is about to take one more: `clock` is the runtime's release clock.
void RecordGoroutineChain(const InsideAgent& inside, Thread* thread, runtime_abi::GoroutineRecord* task,
                          const runtime_abi::HeldLock* held, uint32_t count,
                          const runtime_abi::HeldLock& wanted, uint64_t clock);

class LockOrder {
 public:
  static bool Initialize();
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_LOCK_ORDER_H_
