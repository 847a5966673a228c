// SPDX-License-Identifier: Apache-2.0
// recorder.h: the calling thread's part of the trace, for what the compiler calls in code built with
// -fsanitize=thread (accesses.cc, atomics.cc, fibers.cc). No ThreadSanitizer is in such a program: this library
// stands in its place, and hands what happens to the agent's trace (agent/wire/trace_ring.h). Without an agent,
// or where no trace is asked for, all it does is what the program wanted.
#ifndef STRAY_INSTRUMENTATION_TRACE_RECORDER_H_
#define STRAY_INSTRUMENTATION_TRACE_RECORDER_H_

#include <cstddef>
#include <cstdint>

#include "agent/wire/trace_ring.h"

#define STRAY_TRACE_API extern "C" __attribute__((visibility("default"), used))

namespace stray::trace {

// The functions that a task is in, as return addresses in their callers. To the stream goes what has changed
// since the last event that went there, so that a function in which nothing happens costs two stores.
struct Frames {
  static constexpr uint32_t kMost = 2032;  // deeper ones are not kept
  uint32_t depth = 0;
  uint32_t told = 0;    // the stream knows the first `told` of them,
  uint32_t lowest = 0;  // but of those above `lowest` others have taken the place since
  uint64_t at[kMost];
};

// A task of a scheduler, or what a thread is when it runs none.
struct Fiber {
  uint32_t number;  // from 1; 0: of a thread itself
  Fiber* next_free;
  Frames frames;
};

// An access that was told lately: the same once more, with nothing that orders in between, says nothing new.
struct Told {
  uint64_t what;  // address, operation and size
  uint64_t where;
  uint64_t epoch;  // of the cursor, and 1 above its bits, so that no entry is valid at first
};
inline constexpr size_t kTold = 512;
inline constexpr uint32_t kLoads = 8;

struct ThreadTrace {
  Cursor* cursor;
  Fiber* fiber;  // that runs now
  Fiber* own;    // of the thread
  uint32_t ignores_reads, ignores_writes;
  uint32_t has_fenced;  // it has used a fence: its relaxed atomics count as ordering ones
  uint32_t in_atomic;   // it holds the lock of an atomic object
  uint32_t loads;       // relaxed ones so far; the last kLoads stand in `loaded`
  uint64_t loaded[kLoads];
  Told told[kTold];
};

extern __thread ThreadTrace self __attribute__((tls_model("initial-exec"), visibility("hidden")));

// A fiber that is nobody's, in no function; null if there is no memory. Whoever is done with it gives it back.
Fiber* TakeFiber();
void GiveFiberBack(Fiber* fiber);

// A cursor that writes, or null: nothing is to be recorded now.
Cursor* FindCursor();
inline Cursor* ActiveCursor() {
  Cursor* cursor = self.cursor;
  if (__builtin_expect(cursor != nullptr && cursor->is_on != 0, 1)) return cursor;
  return FindCursor();
}

// What has changed of the functions that the task is in.
void TellFrames(Cursor* cursor, Frames* frames);
inline void TellFramesIfNew(Cursor* cursor) {
  Frames* frames = &self.fiber->frames;
  if (__builtin_expect(frames->told != frames->depth || frames->lowest < frames->told, 0))
    TellFrames(cursor, frames);
}

inline constexpr uint64_t kEpochIsSet = uint64_t{1} << 32;

// True if the same was told before, and nothing has happened in between that could make a difference.
inline bool IsToldAlready(const Cursor* cursor, uint64_t what, uint64_t where) {
  Told& told = self.told[((what >> 16) ^ (what >> 27) ^ where) % kTold];
  const uint64_t epoch = cursor->epoch | kEpochIsSet;
  if (told.what == what && told.where == where && told.epoch == epoch) return true;
  told = {what, where, epoch};
  return false;
}

inline uint64_t AddressOf(const volatile void* pointer) {
  return reinterpret_cast<uint64_t>(pointer) & kOperandMask;
}

inline bool IsIgnored(Op op) {
  return op == Op::kRead || op == Op::kReadRange ? self.ignores_reads != 0 : self.ignores_writes != 0;
}

inline void TellAccess(Op op, const volatile void* address, size_t bytes, const void* where) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  const uint64_t first = FirstWord(op, static_cast<uint8_t>(bytes), AddressOf(address));
  const auto place = reinterpret_cast<uint64_t>(where);
  if (IsToldAlready(cursor, first, place) || __builtin_expect(IsIgnored(op), 0)) return;
  WriteTime(cursor);
  TellFramesIfNew(cursor);
  Write2(cursor, first, place);
}

inline void TellRange(Op op, const volatile void* address, size_t bytes, const void* where) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr || bytes == 0 || IsIgnored(op)) return;
  WriteTime(cursor);
  TellFramesIfNew(cursor);
  Write3(cursor, FirstWord(op, 0, AddressOf(address)), reinterpret_cast<uint64_t>(where), bytes);
}

// An event of two words, `first` with the clock.
inline void TellOrder(Op op, uint8_t argument, uint64_t operand) {
  Cursor* cursor = ActiveCursor();
  if (cursor == nullptr) return;
  Write2(cursor, FirstWord(op, argument, operand), Tick(cursor));
}

}  // namespace stray::trace

#endif  // STRAY_INSTRUMENTATION_TRACE_RECORDER_H_
