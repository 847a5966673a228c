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
#ifndef STRAY_INSTRUMENTATION_TSAN_FIBERS_H_
#define STRAY_INSTRUMENTATION_TSAN_FIBERS_H_

#include <sys/mman.h>

#include <cstddef>

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

// Makes TSan forget who has used these pages, of private memory, and what was released there: they are about to
// be the stack of another goroutine. What it says of a mapping while accesses are ignored is that it is new.
// False if somebody else has got them meanwhile.
inline bool ForgetPages(char* start, size_t size) {
  if (&stray_trace_new_memory != nullptr) {
    stray_trace_new_memory(start, size);
    return true;
  }
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  munmap(start, size);
  void* const got = mmap(start, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (got != start && got != MAP_FAILED) munmap(got, size);  // kernels before 4.17 map elsewhere
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  return got == start;
}

inline bool HasTsan() { return &__tsan_create_fiber != nullptr; }
// What stands for TSan is stray's recorder (instrumentation/trace): it has no thread of its own, and no limits.
inline bool IsRecorder() { return &stray_trace_new_memory != nullptr; }
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
