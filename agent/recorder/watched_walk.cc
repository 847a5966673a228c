// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/watched_walk.h"

#include <libunwind.h>

#include "agent/recorder/walk_memory.h"

namespace stray::agent {
namespace {

#if defined(__x86_64__)
constexpr unw_regnum_t kFramePointer = UNW_X86_64_RBP;
#elif defined(__aarch64__)
constexpr unw_regnum_t kFramePointer = UNW_AARCH64_X29;
#endif

// Moves `cursor` out of the agent, to the frame that `pc` returns to.
bool MoveTo(unw_cursor_t* cursor, uint64_t pc) {
  for (int steps = 0; steps < 16; ++steps) {
    unw_word_t at = 0;
    unw_get_reg(cursor, UNW_REG_IP, &at);
    if (at == pc) return true;
    if (unw_step(cursor) <= 0) return false;
  }
  return false;
}

enum class Step { kDone, kEnd, kUnwatchable };

// Steps out of a frame and watches what that depended on: where the return address lies, and the frame pointer,
// if it points into the frame. If it does not, it is just a number, and the rule of this address, which is
// fixed, does not use it.
Step StepWatching(unw_cursor_t* cursor, const uint64_t* frame, StackWord* words, uint32_t* count) {
  unw_word_t pointer = 0, next = 0, cfa = 0;
  unw_save_loc_t location;
  unw_get_reg(cursor, kFramePointer, &pointer);
  const bool located =
      unw_get_save_loc(cursor, kFramePointer, &location) == 0 && location.type == UNW_SLT_MEMORY;
  const int stepped = unw_step(cursor);
  if (stepped <= 0) return stepped == 0 ? Step::kEnd : Step::kUnwatchable;
  unw_get_reg(cursor, UNW_REG_IP, &next);
  unw_get_reg(cursor, UNW_REG_SP, &cfa);
  if (next == 0) return Step::kEnd;  // where goroutines begin; libunwind would look for more
  *count = 0;
  if (pointer >= reinterpret_cast<uint64_t>(frame) && pointer <= cfa) {
    if (!located) return Step::kUnwatchable;
    const auto* where = reinterpret_cast<const uint64_t*>(location.u.addr);
    if (where < frame) return Step::kUnwatchable;
    words[(*count)++] = {where, *where};
  }
  // Where the return address does not lie in memory below the CFA (aarch64 leaf functions), it cannot be
  // watched.
  const auto* slot = reinterpret_cast<const uint64_t*>(cfa) - 1;
  if (slot <= frame || *slot != next) return Step::kUnwatchable;
  words[(*count)++] = {slot, next};
  return Step::kDone;
}

}  // namespace

__attribute__((noinline)) WatchedEnd WalkWatching(const InsideAgent&, uint64_t pc, const uint64_t* frame,
                                                  bool (*visit)(void*, const StackWord*, uint32_t),
                                                  void* argument) {
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  WalkMemory::BeginOwn(reinterpret_cast<uint64_t>(&context), &context);
  if (unw_init_local(&cursor, &context) < 0 || !MoveTo(&cursor, pc)) return WatchedEnd::kUnwatchable;
  for (;;) {
    StackWord words[kMostFrameWords];
    uint32_t count = 0;
    const Step step = StepWatching(&cursor, frame, words, &count);
    if (step == Step::kEnd) return WatchedEnd::kOutermost;
    if (step == Step::kUnwatchable) return WatchedEnd::kUnwatchable;
    if (!visit(argument, words, count)) return WatchedEnd::kStopped;
  }
}

}  // namespace stray::agent
