// SPDX-License-Identifier: Apache-2.0
// atomics.cc: atomic operations. They are done as the program wrote them, or in a stronger order, under a lock
// by address, so that the trace has them in the order in which they took effect.
//
//   release store       begins anew what an acquire there learns; a relaxed one, too, that there is nothing
//                       to learn
//   read-modify-write   goes on with what others have released there (C++20, [intro.races])
//   relaxed load        learns nothing, but what it has seen must have been stored (kOrderOnly)
//
// Fences are not told apart: once a thread has used one, its relaxed operations count as acquiring and
// releasing, and so do, from then on, the last relaxed loads before it. So more is ordered than is, and no race
// is seen that is none.
#include <sched.h>

#include "instrumentation/trace/recorder.h"

namespace stray::trace {
namespace {

// LLVM's __tsan_memory_order; gcc passes bits of its own above these.
enum Order { kRelaxed = 0, kConsume = 1, kAcquireOrder = 2, kReleaseOrder = 3, kAcqRel = 4, kSeqCst = 5 };

bool Acquires(int order) {
  order &= 7;
  return order == kConsume || order == kAcquireOrder || order >= kAcqRel || self.has_fenced != 0;
}
bool Releases(int order) { return (order & 7) >= kReleaseOrder || self.has_fenced != 0; }

constexpr unsigned kSpins = 100;

struct alignas(64) Lock {
  uint32_t word;
};
Lock locks[256];

// Orders all that is done at an address. A signal handler that comes while its thread holds a lock goes
// without.
class AtomicScope {
 public:
  explicit AtomicScope(const volatile void* address)
      : cursor_(ActiveCursor()), address_(AddressOf(address)), lock_(&locks[(address_ >> 4) % 256]) {
    if (cursor_ == nullptr) return;
    if (self.in_atomic != 0) {
      cursor_ = nullptr;
      return;
    }
    self.in_atomic = 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    while (__atomic_exchange_n(&lock_->word, 1, __ATOMIC_ACQUIRE) != 0) {
      // The holder may be waiting for room in the trace.
      for (unsigned spins = 0; __atomic_load_n(&lock_->word, __ATOMIC_RELAXED) != 0; ++spins) {
        spins < kSpins ? Pause() : static_cast<void>(sched_yield());
      }
    }
  }
  ~AtomicScope() {
    if (cursor_ == nullptr) return;
    __atomic_store_n(&lock_->word, 0, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    self.in_atomic = 0;
  }
  AtomicScope(const AtomicScope&) = delete;
  AtomicScope& operator=(const AtomicScope&) = delete;

  void Loaded(int order) {
    const bool acquires = Acquires(order);
    Tell(Op::kAcquire, acquires);
    // A fence may come that makes it an acquiring one.
    if (!acquires && cursor_ != nullptr && self.loaded[(self.loads - 1) % kLoads] != address_)
      self.loaded[self.loads++ % kLoads] = address_;
  }
  void Stored(int order) {
    Tell(Op::kForget, true);
    Tell(Op::kRelease, Releases(order));
  }
  void Modified(int order) {
    Tell(Op::kAcquire, Acquires(order));
    Tell(Op::kRelease, Releases(order));
  }

 private:
  void Tell(Op op, bool orders_memory) {
    if (cursor_ == nullptr) return;
    Write2(cursor_, FirstWord(op, orders_memory ? 0 : kOrderOnly, address_), Tick(cursor_));
  }
  static void Pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  Cursor* cursor_;
  uint64_t address_;
  Lock* lock_;
};

}  // namespace
}  // namespace stray::trace

using namespace stray::trace;  // NOLINT: below is the library's C face

#define STRAY_ATOMIC_MODIFY(bits, type, name, builtin)                                              \
  STRAY_TRACE_API type __tsan_atomic##bits##_##name(volatile type* object, type value, int order) { \
    AtomicScope scope(object);                                                                      \
    const type before = builtin(object, value, __ATOMIC_SEQ_CST);                                   \
    scope.Modified(order);                                                                          \
    return before;                                                                                  \
  }

#define STRAY_ATOMIC_COMPARE(bits, type, name, is_weak)                                                    \
  STRAY_TRACE_API int __tsan_atomic##bits##_compare_exchange_##name(                                       \
      volatile type* object, type* expected, type value, int order, int failure_order) {                   \
    AtomicScope scope(object);                                                                             \
    const bool done =                                                                                      \
        __atomic_compare_exchange_n(object, expected, value, is_weak, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    done ? scope.Modified(order) : scope.Loaded(failure_order);                                            \
    return done ? 1 : 0;                                                                                   \
  }

#define STRAY_ATOMICS(bits, type)                                                                             \
  STRAY_TRACE_API type __tsan_atomic##bits##_load(const volatile type* object, int order) {                   \
    AtomicScope scope(object);                                                                                \
    const type value = __atomic_load_n(object, __ATOMIC_SEQ_CST);                                             \
    scope.Loaded(order);                                                                                      \
    return value;                                                                                             \
  }                                                                                                           \
  STRAY_TRACE_API void __tsan_atomic##bits##_store(volatile type* object, type value, int order) {            \
    AtomicScope scope(object);                                                                                \
    scope.Stored(order);                                                                                      \
    __atomic_store_n(object, value, __ATOMIC_SEQ_CST);                                                        \
  }                                                                                                           \
  STRAY_ATOMIC_MODIFY(bits, type, exchange, __atomic_exchange_n)                                              \
  STRAY_ATOMIC_MODIFY(bits, type, fetch_add, __atomic_fetch_add)                                              \
  STRAY_ATOMIC_MODIFY(bits, type, fetch_sub, __atomic_fetch_sub)                                              \
  STRAY_ATOMIC_MODIFY(bits, type, fetch_and, __atomic_fetch_and)                                              \
  STRAY_ATOMIC_MODIFY(bits, type, fetch_or, __atomic_fetch_or)                                                \
  STRAY_ATOMIC_MODIFY(bits, type, fetch_xor, __atomic_fetch_xor)                                              \
  STRAY_ATOMIC_MODIFY(bits, type, fetch_nand, __atomic_fetch_nand)                                            \
  STRAY_ATOMIC_COMPARE(bits, type, strong, false)                                                             \
  STRAY_ATOMIC_COMPARE(bits, type, weak, true)                                                                \
  STRAY_TRACE_API type __tsan_atomic##bits##_compare_exchange_val(volatile type* object, type expected,       \
                                                                  type value, int order, int failure_order) { \
    __tsan_atomic##bits##_compare_exchange_strong(object, &expected, value, order, failure_order);            \
    return expected;                                                                                          \
  }

STRAY_ATOMICS(8, unsigned char)
STRAY_ATOMICS(16, unsigned short)
STRAY_ATOMICS(32, unsigned)
STRAY_ATOMICS(64, unsigned long)

STRAY_TRACE_API void __tsan_atomic_thread_fence(int) {
  self.has_fenced = 1;
  for (; self.loads != 0; --self.loads) {
    if (self.loads <= kLoads) TellOrder(Op::kAcquire, 0, self.loaded[self.loads - 1]);
  }
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
STRAY_TRACE_API void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
