// SPDX-License-Identifier: Apache-2.0
// thread.h: one thread as the agent knows it, and how a hook finds out which one it runs on.
//
//   ThreadLocal (TLS)  ->  Thread (private memory)  ->  TaskRecord (black box)
//
// Invariants
//   - `active` is null whenever hooks must only forward: before the agent is up, in a thread it does not
//     know, inside the agent itself, after the thread's end. So a hot hook needs one load and one branch.
//   - Only the thread itself writes its Thread and TaskRecord, but for `handle`, flags (join, detach) and
//     what snapshots fill in.
//   - A Thread is reused after the thread has ended; its TaskRecord stays until the slot is needed.
#ifndef STRAY_AGENT_RECORDER_THREAD_H_
#define STRAY_AGENT_RECORDER_THREAD_H_

#include <errno.h>
#include <pthread.h>

#include <cstdint>

#include "agent/base/registers.h"
#include "agent/base/spin_lock.h"
#include "agent/recorder/walk_memory.h"
#include "agent/wire/black_box.h"
#include "agent/wire/trace_ring.h"

#define STRAY_LIKELY(x) __builtin_expect(!!(x), 1)
#define STRAY_UNLIKELY(x) __builtin_expect(!!(x), 0)
// For the few functions on the path of an uncontended lock, where a call would cost as much as the work.
#define STRAY_HOT inline __attribute__((always_inline))
// For what every lock and wait runs through: the linker puts it side by side. After a switch of threads each
// page that is touched costs as much as the work done there.
#define STRAY_NEARBY __attribute__((hot))

namespace stray::agent {

inline constexpr size_t kSeenChains = 256;  // powers of two
inline constexpr size_t kSiteCache = 64;
inline constexpr size_t kObjectCache = 4;

// What is known of a return address: see sites.h.
struct SiteEntry {
  uint64_t key;
  wire::Site site;
};

// An object found by its address: see Objects::Cached().
struct ObjectEntry {
  const void* address;
  uint32_t object;
};

// How many waits of a thread on one condition, in one generation, signals have ended: see condition_signals.h.
struct UsedSignals {
  uint32_t condition;
  uint32_t generation;
  uint64_t count;
};

struct Thread {
  wire::TaskRecord* record;
  wire::HeldLock* held;  // record->held, or an array in the pool once more are held than fit there
  uint32_t held_capacity;
  uint32_t slot;
  SpinLock walk_lock;     // taken while somebody walks the stack; the thread cannot end meanwhile
  uint32_t end_rounds;    // how often the end-of-thread destructor has run
  Registers registers;    // at the current wait; valid while record->wait_seq is odd
  uint32_t announcing;    // 1 while a wait is written to the record: see WaitScope
  uint32_t is_traced;     // 1: what it does goes to the trace, too
  void* (*start)(void*);  // what the program wanted to run; exactly one of the two is set
  int (*start_c11)(void*);
  void* start_argument;
  uint32_t next_by_handle;   // slot + 1 in the same bucket of the handle table
  uint32_t wait_generation;  // condition: its generation when the current wait began
  UsedSignals used_signals;
  uint64_t notes_at_test;                     // see tests.cc
  uint64_t held_at;                           // see hold.h
  uint64_t handler_stack, handler_stack_end;  // its alternate signal stack when it was held; 0: none
  uint32_t held_by;
  bool makes_machines;    // the threads it creates run goroutines
  uint64_t trace_chunks;  // so far
  uint64_t trace_now_ns;  // the time that was written last, since the process began
  uint64_t trace_cycles;  // the processor's count then
  uint32_t trace_fiber;   // that it runs; see trace_tap.h
  trace::Cursor trace;
  ObjectEntry objects[kObjectCache];
  // From here on: caches, which stay when the slot goes to another thread.
  uint64_t seen_chains[kSeenChains];  // lock chains this thread has recorded: see lock_order.h
  SiteEntry sites[kSiteCache];        // return address -> whether it needs a deeper look: see sites.h
  uint32_t creation_cache;            // number of the one this thread uses, 0: not yet: see creations.cc
};

// A blocking call that the agent's own signal must not end: see hooks/resumable_call.h.
struct CallState {
  uint32_t wait_seq = 0;  // odd: of the wait it belongs to
  uint16_t interrupted = 0;
  uint16_t mask_kept = 0;  // all signals are blocked, and `mask` is what the kernel had before
  uint64_t mask = 0;
};

struct ThreadLocal {
  Thread* active;
  Thread* self;
  uint32_t inside;            // depth of InsideAgent
  uint32_t ended;             // the thread is beyond its last hook
  uint32_t pending_snapshot;  // a snapshot asked while we were inside
  uint32_t own_signals;       // how often a signal has come that only the agent takes
  void* unwinder_cache;       // libunwind's only thread-specific value
  CallState call;
  StackWindow window;  // of the walk that runs, and of the last one
};

// constinit: without it each access would first ask whether a constructor must run.
extern constinit __attribute__((tls_model("initial-exec"), visibility("hidden"))) thread_local ThreadLocal tls;

// Proof that hooks are switched off in this thread: what libc calls below here is not recorded.
// Passed by reference to what must only be called so. Keeps errno.
class InsideAgent {
 public:
  InsideAgent() : saved_(tls.active), errno_(errno) {
    tls.active = nullptr;
    ++tls.inside;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
  }
  ~InsideAgent() {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    errno = errno_;
    --tls.inside;
    tls.active = saved_;
    if (STRAY_UNLIKELY(tls.pending_snapshot != 0) && tls.inside == 0) RunPending();
  }
  InsideAgent(const InsideAgent&) = delete;
  InsideAgent& operator=(const InsideAgent&) = delete;

 private:
  static void RunPending();
  Thread* saved_;
  int errno_;
};

// The calling thread, for hooks that record: makes the thread (and after fork the process) known if need
// be. Null: only forward.
Thread* CurrentThreadSlow();
inline Thread* CurrentThread() {
  Thread* thread = tls.active;
  return STRAY_LIKELY(thread != nullptr) ? thread : CurrentThreadSlow();
}

// The calling thread if it is known already. For calls that are no reason to make it known (I/O).
inline Thread* KnownThread() { return tls.active; }

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_THREAD_H_
