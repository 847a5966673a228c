// SPDX-License-Identifier: Apache-2.0
// fibers.h: tells a sanitizer of the program that another stack runs now. Each call is a test of a constant
// where the program has no sanitizer: the runtime itself is never instrumented, and finds the sanitizer by weak
// symbols.
//
//   TSan   each goroutine is a fiber; a switch orders nothing (kNoSync), channels and locks do
//   (happens_before.h) ASan   is told the bounds of the stack before and after a switch, else it takes frames
//   for overflows
//   LSan   goroutine stacks are places where memory is known from, and so are the threads' own stacks while a
//   goroutine runs there
//   agent  while it records a trace, and the program has no recorder of its own, it is told what TSan would be
#ifndef STRAY_INSTRUMENTATION_TSAN_FIBERS_H_
#define STRAY_INSTRUMENTATION_TSAN_FIBERS_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "agent/wire/trace_tap.h"

extern "C" {
[[gnu::weak]] void* __tsan_create_fiber(unsigned flags);
[[gnu::weak]] void* __tsan_memcpy(void* to, const void* from, unsigned long size);
[[gnu::weak]] void __tsan_test_only_on_fork();
[[gnu::weak]] void __tsan_func_entry(void* return_address);
[[gnu::weak]] void __tsan_func_exit();
[[gnu::weak]] void __tsan_destroy_fiber(void* fiber);
[[gnu::weak]] void __tsan_switch_to_fiber(void* fiber, unsigned flags);
[[gnu::weak]] void* __tsan_get_current_fiber();
[[gnu::weak]] void __tsan_set_fiber_name(void* fiber, const char* name);
[[gnu::weak]] void stray_trace_new_memory(void* start, unsigned long bytes);
[[gnu::weak]] void AnnotateIgnoreWritesBegin(const char* file, int line);
[[gnu::weak]] void AnnotateIgnoreWritesEnd(const char* file, int line);
[[gnu::weak]] void AnnotateBenignRaceSized(const char* file, int line, const volatile void* address,
                                           size_t size, const char* words);
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** old_bottom, size_t* old_size);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* start, size_t size);
[[gnu::weak]] void __lsan_register_root_region(const void* start, size_t size);
[[gnu::weak]] void __lsan_unregister_root_region(const void* start, size_t size);
}

namespace stray::tsan {

inline constexpr unsigned kNoSync = 1;  // __tsan_switch_to_fiber_no_sync

namespace detail {
// Set before main() and the program's constructors (sanitizer_fiber.cc).
inline constinit const trace::Tap* tap = nullptr;  // the agent records a trace
inline constinit bool is_told = false;             // somebody wants to know of fibers and edges
}  // namespace detail

// True if that is TSan, or a recorder in its place; false: the agent, by detail::tap. Only where HasTsan().
inline bool HasTsanInterface() { return &__tsan_create_fiber != nullptr; }

// Makes TSan forget who has used these pages, of private memory, and what was released there: they are about to
// be the stack of another goroutine. What it says of a mapping while accesses are ignored is that it is new.
// False if somebody else has got them meanwhile.
inline bool ForgetPages(char* start, size_t size) {
  if (&stray_trace_new_memory != nullptr) {
    stray_trace_new_memory(start, size);
    return true;
  }
  if (!HasTsanInterface()) return true;  // the agent knows nothing of memory
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  munmap(start, size);
  void* const got = mmap(start, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (got != start && got != MAP_FAILED) munmap(got, size);  // kernels before 4.17 map elsewhere
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  return got == start;
}

inline bool HasTsan() { return detail::is_told; }
// What stands for TSan is stray's recorder (instrumentation/trace), or the agent: it has no thread of its own,
// and no limits.
inline bool IsRecorder() { return &stray_trace_new_memory != nullptr || !HasTsanInterface(); }
// As the functions of TSan's interface. Only where HasTsan().
inline void* FiberOf(uint32_t number) { return reinterpret_cast<void*>(uintptr_t{number} + 1); }
inline uint32_t NumberOf(void* fiber) { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(fiber) - 1); }
inline void* CreateFiber() {
  return HasTsanInterface() ? __tsan_create_fiber(0) : FiberOf(detail::tap->create_fiber());
}
inline void DestroyFiber(void* fiber) {
  HasTsanInterface() ? __tsan_destroy_fiber(fiber) : detail::tap->end_fiber(NumberOf(fiber));
}
// Orders nothing.
inline void SwitchToFiber(void* fiber) {
  HasTsanInterface() ? __tsan_switch_to_fiber(fiber, kNoSync) : detail::tap->switch_fiber(NumberOf(fiber));
}
inline void* CurrentFiber() {
  return HasTsanInterface() ? __tsan_get_current_fiber() : FiberOf(detail::tap->current_fiber());
}

// Waits, for a trace: see trace_tap.h.
inline void TellPark(uint16_t reason, const void* object) {
  if (detail::tap != nullptr) [[unlikely]]
    detail::tap->park(reason, object);
}
inline void TellUnpark() {
  if (detail::tap != nullptr) [[unlikely]]
    detail::tap->unpark();
}
inline void TellReady(uint64_t goroutine) {
  if (detail::tap != nullptr) [[unlikely]]
    detail::tap->ready(goroutine);
}

// The runtime of before LLVM 14, which gcc has up to 12: told by what it lacks.
inline bool IsOldTsan() { return &__tsan_memcpy == nullptr && &__tsan_test_only_on_fork == nullptr; }
// ASan has both; other runtimes may have the fiber calls alone.
inline bool HasAsan() {
  return &__asan_unpoison_memory_region != nullptr && &__sanitizer_start_switch_fiber != nullptr;
}
// LeakSanitizer, alone or as part of ASan.
inline bool HasLsan() { return &__lsan_register_root_region != nullptr; }
// Memory that is pointed to from here is in use. What is not mapped is left out; all else must be readable.
inline void AddRoots(const void* start, size_t size) {
  if (HasLsan()) [[unlikely]]
    __lsan_register_root_region(start, size);
}
inline void RemoveRoots(const void* start, size_t size) {
  if (&__lsan_unregister_root_region != nullptr) [[unlikely]]
    __lsan_unregister_root_region(start, size);
}
// Of a stack that is free: what is left there is in use no more.
inline void ForgetRoots(char* start, size_t size) {
  if (HasLsan()) [[unlikely]]
    madvise(start, size, MADV_DONTNEED);
}

}  // namespace stray::tsan

#endif  // STRAY_INSTRUMENTATION_TSAN_FIBERS_H_
