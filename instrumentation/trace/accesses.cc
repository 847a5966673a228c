// SPDX-License-Identifier: Apache-2.0
// accesses.cc: what the compiler calls at accesses to memory, and at the begin and end of functions. Names and
// meanings: LLVM's compiler-rt/lib/tsan/rtl/tsan_interface.h.
#include <string.h>

#include "instrumentation/trace/recorder.h"

using namespace stray::trace;  // NOLINT: below is the library's C face

#define STRAY_CALLER __builtin_return_address(0)

#define STRAY_ACCESS(bytes)                                                \
  STRAY_TRACE_API void __tsan_read##bytes(void* address) {                 \
    TellAccess(Op::kRead, address, bytes, STRAY_CALLER);                   \
  }                                                                        \
  STRAY_TRACE_API void __tsan_write##bytes(void* address) {                \
    TellAccess(Op::kWrite, address, bytes, STRAY_CALLER);                  \
  }                                                                        \
  STRAY_TRACE_API void __tsan_read_write##bytes(void* address) {           \
    TellAccess(Op::kRead, address, bytes, STRAY_CALLER);                   \
    TellAccess(Op::kWrite, address, bytes, STRAY_CALLER);                  \
  }                                                                        \
  STRAY_TRACE_API void __tsan_read##bytes##_pc(void* address, void* pc) {  \
    TellAccess(Op::kRead, address, bytes, pc);                             \
  }                                                                        \
  STRAY_TRACE_API void __tsan_write##bytes##_pc(void* address, void* pc) { \
    TellAccess(Op::kWrite, address, bytes, pc);                            \
  }
STRAY_ACCESS(1)
STRAY_ACCESS(2)
STRAY_ACCESS(4)
STRAY_ACCESS(8)
STRAY_ACCESS(16)

#define STRAY_UNALIGNED_ACCESS(bytes)                                      \
  STRAY_TRACE_API void __tsan_unaligned_read##bytes(void* address) {       \
    TellAccess(Op::kRead, address, bytes, STRAY_CALLER);                   \
  }                                                                        \
  STRAY_TRACE_API void __tsan_unaligned_write##bytes(void* address) {      \
    TellAccess(Op::kWrite, address, bytes, STRAY_CALLER);                  \
  }                                                                        \
  STRAY_TRACE_API void __tsan_unaligned_read_write##bytes(void* address) { \
    TellAccess(Op::kRead, address, bytes, STRAY_CALLER);                   \
    TellAccess(Op::kWrite, address, bytes, STRAY_CALLER);                  \
  }
STRAY_UNALIGNED_ACCESS(2)
STRAY_UNALIGNED_ACCESS(4)
STRAY_UNALIGNED_ACCESS(8)
STRAY_UNALIGNED_ACCESS(16)

STRAY_TRACE_API void __tsan_read_range(void* address, unsigned long bytes) {
  TellRange(Op::kReadRange, address, bytes, STRAY_CALLER);
}
STRAY_TRACE_API void __tsan_write_range(void* address, unsigned long bytes) {
  TellRange(Op::kWriteRange, address, bytes, STRAY_CALLER);
}

// The same virtual table once more, as each constructor and destructor of a hierarchy writes it, changes
// nothing.
STRAY_TRACE_API void __tsan_vptr_update(void** address, void* value) {
  if (*address != value) TellAccess(Op::kWrite, address, sizeof(void*), STRAY_CALLER);
}
STRAY_TRACE_API void __tsan_vptr_read(void** address) {
  TellAccess(Op::kRead, address, sizeof(void*), STRAY_CALLER);
}

STRAY_TRACE_API void* __tsan_memcpy(void* to, const void* from, unsigned long bytes) {
  TellRange(Op::kReadRange, from, bytes, STRAY_CALLER);
  TellRange(Op::kWriteRange, to, bytes, STRAY_CALLER);
  return memcpy(to, from, bytes);
}
STRAY_TRACE_API void* __tsan_memmove(void* to, const void* from, unsigned long bytes) {
  TellRange(Op::kReadRange, from, bytes, STRAY_CALLER);
  TellRange(Op::kWriteRange, to, bytes, STRAY_CALLER);
  return memmove(to, from, bytes);
}
STRAY_TRACE_API void* __tsan_memset(void* to, int value, unsigned long bytes) {
  TellRange(Op::kWriteRange, to, bytes, STRAY_CALLER);
  return memset(to, value, bytes);
}

STRAY_TRACE_API void __tsan_init() {}

STRAY_TRACE_API void __tsan_func_entry(void* caller) {
  Fiber* fiber = self.fiber;
  if (__builtin_expect(fiber == nullptr, 0)) {
    FindCursor();
    if ((fiber = self.fiber) == nullptr) return;
  }
  Frames& frames = fiber->frames;
  const uint32_t depth = frames.depth++;
  if (__builtin_expect(depth < Frames::kMost, 1)) frames.at[depth] = reinterpret_cast<uint64_t>(caller);
}

STRAY_TRACE_API void __tsan_func_exit() {
  Fiber* fiber = self.fiber;
  if (__builtin_expect(fiber == nullptr, 0)) return;
  Frames& frames = fiber->frames;
  if (__builtin_expect(frames.depth == 0, 0)) return;  // entered before anything was recorded
  if (--frames.depth < frames.lowest) frames.lowest = frames.depth;
}

STRAY_TRACE_API void __tsan_ignore_thread_begin() { ++self.ignores_reads, ++self.ignores_writes; }
STRAY_TRACE_API void __tsan_ignore_thread_end() { --self.ignores_reads, --self.ignores_writes; }
STRAY_TRACE_API void AnnotateIgnoreReadsBegin(const char*, int) { ++self.ignores_reads; }
STRAY_TRACE_API void AnnotateIgnoreReadsEnd(const char*, int) { --self.ignores_reads; }
STRAY_TRACE_API void AnnotateIgnoreWritesBegin(const char*, int) { ++self.ignores_writes; }
STRAY_TRACE_API void AnnotateIgnoreWritesEnd(const char*, int) { --self.ignores_writes; }
