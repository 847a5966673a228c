// SPDX-License-Identifier: Apache-2.0
// happens_before.h: the edges of the Go memory model, told to ThreadSanitizer. TSan sees neither the runtime's
// locks nor its atomics, so what is said here is all the order there is between goroutines.
#ifndef STRAY_INSTRUMENTATION_TSAN_HAPPENS_BEFORE_H_
#define STRAY_INSTRUMENTATION_TSAN_HAPPENS_BEFORE_H_

#include "instrumentation/tsan/fibers.h"

extern "C" {
[[gnu::weak]] void __tsan_acquire(void* address);
[[gnu::weak]] void __tsan_release(void* address);
[[gnu::weak]] void stray_trace_lock_taken(const void* lock, unsigned mode, const void* caller);
[[gnu::weak]] void stray_trace_lock_given(const void* lock, const void* caller);
[[gnu::weak]] void stray_trace_turn(const void* what, bool depends, bool provides);
[[gnu::weak]] void stray_trace_point();
[[gnu::weak]] void AnnotateIgnoreReadsBegin(const char* file, int line);
[[gnu::weak]] void AnnotateIgnoreReadsEnd(const char* file, int line);
[[gnu::weak]] void AnnotateIgnoreWritesBegin(const char* file, int line);
[[gnu::weak]] void AnnotateIgnoreWritesEnd(const char* file, int line);
[[gnu::weak]] void __tsan_read4_pc(void* address, void* pc);
[[gnu::weak]] void __tsan_write4_pc(void* address, void* pc);
[[gnu::weak]] void __tsan_mutex_destroy(void* address, unsigned flags);
}

namespace stray::tsan {

// What happened before a Release at `address` happens before what comes after an Acquire there.
inline void Acquire(const void* address) {
  if (!HasTsan()) [[likely]]
    return;
  if (&__tsan_acquire != nullptr) {
    __tsan_acquire(const_cast<void*>(address));
  } else if (detail::tap != nullptr) {
    detail::tap->order(trace::Op::kAcquire, 0, address);
  }
}
inline void Release(const void* address) {
  if (!HasTsan()) [[likely]]
    return;
  if (&__tsan_release != nullptr) {
    __tsan_release(const_cast<void*>(address));
  } else if (detail::tap != nullptr) {
    detail::tap->order(trace::Op::kRelease, 0, address);
  }
}

// Locks. A sanitizer is told their edges by address, a trace that they are locks: then these return true. `pc`,
// `frame`: where the program calls, and the frame of the function that it calls.
using trace::kByTry;
using trace::kToRead;
using trace::kToWrite;
using trace::LockMode;
inline bool TellTaken(const void* lock, LockMode mode, const void* pc, const void* frame) {
  if (!HasTsan()) [[likely]]
    return false;
  if (&stray_trace_lock_taken != nullptr) {
    stray_trace_lock_taken(lock, mode, pc);
    return true;
  }
  if (HasTsanInterface()) return false;
  detail::tap->lock(trace::Op::kLockTaken, mode, lock, pc, frame);
  return true;
}
inline bool TellGiven(const void* lock, const void* pc, const void* frame) {
  if (!HasTsan()) [[likely]]
    return false;
  if (&stray_trace_lock_given != nullptr) {
    stray_trace_lock_given(lock, pc);
    return true;
  }
  if (HasTsanInterface()) return false;
  detail::tap->lock(trace::Op::kLockGiven, 0, lock, pc, frame);
  return true;
}

// What orders no memory, but cannot be in another order either: for a trace. What `depends` comes after all
// that has provided at `what` before it.
inline void TellTurn(const void* what, bool depends, bool provides) {
  if (!HasTsan()) [[likely]]
    return;
  if (&stray_trace_turn != nullptr) return stray_trace_turn(what, depends, provides);
  if (HasTsanInterface()) return;
  if (depends) detail::tap->order(trace::Op::kAcquire, trace::kOrderOnly, what);
  if (provides) detail::tap->order(trace::Op::kRelease, trace::kOrderOnly, what);
}

// A goroutine has come to a scheduling point: for a trace, whose predictions are replayed point by point.
inline bool TellsPoints() {
  return &stray_trace_point != nullptr || (detail::tap != nullptr && !HasTsanInterface());
}
inline void TellPoint() {
  if (&stray_trace_point != nullptr) return stray_trace_point();
  if (TellsPoints()) detail::tap->point();
}

// From true to false, the calling task's accesses to memory are not looked at.
inline void IgnoreAccesses(bool ignore) {
  if (&AnnotateIgnoreReadsBegin == nullptr || &AnnotateIgnoreWritesBegin == nullptr) [[likely]]
    return;
  (ignore ? AnnotateIgnoreReadsBegin : AnnotateIgnoreReadsEnd)(__FILE__, __LINE__);
  (ignore ? AnnotateIgnoreWritesBegin : AnnotateIgnoreWritesEnd)(__FILE__, __LINE__);
}
// The same while it lives. For memory of the runtime's own that is guarded by a WordLock: TSan does not see
// that lock, but it does see what the C library does, so a block that one goroutine got from malloc and another
// gives back would be a race. Not around code of the program, nor where its memory is given back.
class IgnoreScope {
 public:
  IgnoreScope() { IgnoreAccesses(true); }
  ~IgnoreScope() { IgnoreAccesses(false); }
  IgnoreScope(const IgnoreScope&) = delete;
  IgnoreScope& operator=(const IgnoreScope&) = delete;
};

// A Release before which there was none at `address`: what others have released there before is forgotten. Not
// while others may acquire it.
inline void ReleaseAnew(const void* address) {
  if (!HasTsan()) [[likely]]
    return;
  if (!HasTsanInterface()) {
    detail::tap->order(trace::Op::kForget, 0, address);
    return detail::tap->order(trace::Op::kRelease, 0, address);
  }
  if (&__tsan_release == nullptr || &__tsan_mutex_destroy == nullptr) return;
  {
    const IgnoreScope no_write;  // it is told as one
    __tsan_mutex_destroy(const_cast<void*>(address), 0);
  }
  __tsan_release(const_cast<void*>(address));
}

// What must be ordered, though it is no access to memory, is told as one. `caller`: return address in the
// program's own code.
inline void Read(const void* address, void* caller) {
  if (&__tsan_read4_pc != nullptr) [[unlikely]]
    __tsan_read4_pc(const_cast<void*>(address), caller);
}
inline void Write(const void* address, void* caller) {
  if (&__tsan_write4_pc != nullptr) [[unlikely]]
    __tsan_write4_pc(const_cast<void*>(address), caller);
}

}  // namespace stray::tsan

#endif  // STRAY_INSTRUMENTATION_TSAN_HAPPENS_BEFORE_H_
