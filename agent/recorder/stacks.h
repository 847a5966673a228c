// SPDX-License-Identifier: Apache-2.0
// stacks.h: walking stacks and keeping each different one once.
//
// Walking is libunwind's, linked in and cut off from libc by unwind_shims.cc: it takes no lock of the
// loader, opens no file descriptors, calls none of our hooks and reads by walk_memory.h. Its per-thread cache
// makes a warm frame cost about 10 ns. Frames of the agent at the inner end are left out.
#ifndef STRAY_AGENT_RECORDER_STACKS_H_
#define STRAY_AGENT_RECORDER_STACKS_H_

#include <cstddef>
#include <cstdint>

#include "agent/recorder/thread.h"

namespace stray::agent {

// Addresses of one stack, innermost first, before it is kept. 2 KiB: callers on a stranger's small stack
// (signal handlers) use a static one.
struct StackBuffer {
  uint64_t frames[wire::kMaxStackFrames + 16];  // room for frames of the agent, which are dropped
  uint32_t depth;
  uint16_t flags;  // wire::StackFlags
};

class Stacks {
 public:
  static bool Initialize();

  // The stack of the caller, kept; 0 if it could not be.
  static uint32_t CaptureHere(const InsideAgent& inside);

  // Walks from saved registers of another task, which stands still. Safe if it does not, and even if its stack
  // goes away: the caller finds out afterwards that it moved. `exact`: registers are those of an interrupted
  // instruction rather than of a call. One thread at a time.
  static void WalkOther(const InsideAgent& inside, const Registers& registers, bool exact, StackBuffer* out);
  // The same of an interrupted task whose stack ends at `top` and stays mapped: no part of it has to be copied.
  static void WalkMapped(const InsideAgent& inside, const Registers& registers, uint64_t top, StackBuffer* out);
  // Walks the calling thread from the instruction that a signal has interrupted.
  static void WalkInterrupted(const InsideAgent& inside, const Registers& registers, StackBuffer* out);
  // Walks the calling thread itself, beginning with the first frame outside the agent.
  static void WalkHere(const InsideAgent& inside, StackBuffer* out);

  // Return addresses of the calling thread from `pc` on, to which the hook with this frame pointer will return;
  // at most `size`. Returns how many there are. For short looks: some 10 ns a frame, 100 ns in all.
  static uint32_t TraceCallers(const InsideAgent& inside, uint64_t pc, const uint64_t* frame, uint64_t* out,
                               uint32_t size);

  // Keeps `stack`; returns its id, the same for equal stacks, 0 when there is no room.
  static uint32_t Intern(const InsideAgent& inside, const StackBuffer& stack);

  // How many ids have been given out. Of a copy of the process, which has an index of its own: makes what it
  // has kept since there were `count` known here.
  static uint32_t Count();
  static void TakeIn(const InsideAgent& inside, uint32_t count);

  // Gives back what the unwinder keeps for the calling thread, which is about to end.
  static void ReleaseThread();

  // True if `pc` lies in the agent itself.
  static bool InAgent(uint64_t pc);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_STACKS_H_
