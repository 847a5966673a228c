// SPDX-License-Identifier: Apache-2.0
// fibers.cc: tasks that are no threads, and edges that schedulers and libraries tell by address: the part of
// ThreadSanitizer's interface (tsan_interface.h) that stray's goroutine runtime speaks, so that to it a trace
// is a sanitizer like another.
#include <stdlib.h>
#include <string.h>

#include "instrumentation/trace/recorder.h"

namespace stray::trace {

namespace {

uint32_t last_number = 0;

}  // namespace
}  // namespace stray::trace

using namespace stray::trace;  // NOLINT: below is the library's C face

STRAY_TRACE_API void* __tsan_create_fiber(unsigned) {
  Fiber* fiber = TakeFiber();
  if (fiber == nullptr) abort();
  fiber->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
  if (Cursor* cursor = ActiveCursor(); cursor != nullptr) TellFramesIfNew(cursor);
  TellOrder(Op::kFiberCreate, 0, fiber->number);
  return fiber;
}

STRAY_TRACE_API void __tsan_destroy_fiber(void* fiber) {
  auto* ended = static_cast<Fiber*>(fiber);
  TellOrder(Op::kFiberEnd, 0, ended->number);
  GiveFiberBack(ended);
}

STRAY_TRACE_API void* __tsan_get_current_fiber() {
  if (self.fiber == nullptr) self.own = self.fiber = TakeFiber();
  if (self.fiber == nullptr) abort();
  return self.fiber;
}

// Flag 1: the switch orders nothing.
STRAY_TRACE_API void __tsan_switch_to_fiber(void* fiber, unsigned flags) {
  auto* next = static_cast<Fiber*>(fiber);
  if ((flags & 1) == 0) TellOrder(Op::kRelease, 0, AddressOf(next));
  if (self.own == nullptr) __tsan_get_current_fiber();
  self.fiber = next;
  if (Cursor* cursor = ActiveCursor(); cursor != nullptr) cursor->tell_now(cursor);
  TellOrder(Op::kFiberSwitch, 0, next->number);
  if ((flags & 1) == 0) TellOrder(Op::kAcquire, 0, AddressOf(next));
}

// "goroutine 17 ..." is how the runtime calls them.
STRAY_TRACE_API void __tsan_set_fiber_name(void* fiber, const char* name) {
  constexpr char kGoroutine[] = "goroutine ";
  if (strncmp(name, kGoroutine, sizeof(kGoroutine) - 1) != 0) return;
  char* rest = nullptr;
  const unsigned long number = strtoul(name + sizeof(kGoroutine) - 1, &rest, 10);
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  const uint32_t own_number = static_cast<Fiber*>(fiber)->number;
  const char* const begin = strchr(rest, '"');
  const char* const end = strrchr(rest, '"');
  const bool has_name = begin != nullptr && end > begin + 1;
  WriteFiberName(cursor, own_number, number, begin + 1, has_name ? static_cast<size_t>(end - begin) - 1 : 0);
}

STRAY_TRACE_API void __tsan_acquire(void* address) { TellOrder(Op::kAcquire, 0, AddressOf(address)); }
STRAY_TRACE_API void __tsan_release(void* address) { TellOrder(Op::kRelease, 0, AddressOf(address)); }

// Locks of the program's own making that are annotated for the sanitizer.
STRAY_TRACE_API void __tsan_mutex_create(void*, unsigned) {}
STRAY_TRACE_API void __tsan_mutex_destroy(void* address, unsigned) {
  TellOrder(Op::kForget, 0, AddressOf(address));
}
STRAY_TRACE_API void __tsan_mutex_pre_lock(void*, unsigned) {}
STRAY_TRACE_API void __tsan_mutex_post_lock(void* address, unsigned flags, int) {
  constexpr unsigned kTryLockFailed = 32;
  if ((flags & kTryLockFailed) == 0) TellOrder(Op::kAcquire, 0, AddressOf(address));
}
STRAY_TRACE_API int __tsan_mutex_pre_unlock(void* address, unsigned) {
  TellOrder(Op::kRelease, 0, AddressOf(address));
  return 0;
}
STRAY_TRACE_API void __tsan_mutex_post_unlock(void*, unsigned) {}
STRAY_TRACE_API void __tsan_mutex_pre_signal(void*, unsigned) {}
STRAY_TRACE_API void __tsan_mutex_post_signal(void*, unsigned) {}
STRAY_TRACE_API void __tsan_mutex_pre_divert(void*, unsigned) {}
STRAY_TRACE_API void __tsan_mutex_post_divert(void*, unsigned) {}

// Locks of the runtime's.
STRAY_TRACE_API void stray_trace_lock_taken(const void* lock, unsigned mode, const void* caller) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  TellFramesIfNew(cursor);
  Write3(cursor, FirstWord(Op::kLockTaken, static_cast<uint8_t>(mode), AddressOf(lock)), Tick(cursor),
         reinterpret_cast<uint64_t>(caller));
}
STRAY_TRACE_API void stray_trace_lock_given(const void* lock, const void* caller) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  TellFramesIfNew(cursor);
  Write3(cursor, FirstWord(Op::kLockGiven, 0, AddressOf(lock)), Tick(cursor),
         reinterpret_cast<uint64_t>(caller));
}

STRAY_TRACE_API void stray_trace_turn(const void* what, bool depends, bool provides) {
  if (depends) TellOrder(Op::kAcquire, kOrderOnly, AddressOf(what));
  if (!provides) return;
  // A value goes in or out: when that was is of interest, too.
  if (Cursor* cursor = ActiveCursor(); cursor != nullptr) cursor->tell_now(cursor);
  TellOrder(Op::kRelease, kOrderOnly, AddressOf(what));
}

STRAY_TRACE_API void stray_trace_point() {
  Cursor* cursor = ActiveCursor();
  if (cursor != nullptr) Write1(cursor, FirstWord(Op::kPoint, 0, 0));
}

// Memory that has been something else before: a stack that is given to the next goroutine.
STRAY_TRACE_API void stray_trace_new_memory(void* start, unsigned long bytes) {
  Cursor* cursor = ActiveCursor();
  if (cursor != nullptr) Write3(cursor, FirstWord(Op::kNewMemory, 0, AddressOf(start)), Tick(cursor), bytes);
}

// The runtime's word for variables that are thread-local: goroutines use those of the thread they run in.
STRAY_TRACE_API void AnnotateBenignRaceSized(const char*, int, const volatile void* address, size_t bytes,
                                             const char*) {
  Cursor* cursor = ActiveCursor();
  if (cursor != nullptr)
    Write3(cursor, FirstWord(Op::kThreadMemory, 0, AddressOf(address)), Tick(cursor), bytes);
}

// A static variable of a function has been initialized. Who finds that so has read the guard, which is an
// atomic access; linked with --wrap.
extern "C" void __real___cxa_guard_release(void* guard);
STRAY_TRACE_API void __wrap___cxa_guard_release(void* guard) {
  TellOrder(Op::kForget, 0, AddressOf(guard));
  TellOrder(Op::kRelease, 0, AddressOf(guard));
  __real___cxa_guard_release(guard);
}
