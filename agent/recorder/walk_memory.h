// SPDX-License-Identifier: Apache-2.0
// walk_memory.h: memory as a walk of a stack sees it.
//
// A walk follows whatever it finds: stacks end meanwhile and their memory is given back, code that is not C's
// has no frame where one is expected. So no read may fault, and nothing that was readable once is taken for
// readable still, but for one part: the stack that the walk stands on.
//
//   the calling thread's own stack     read in place, from where the walk begins; a page is asked for once
//   the stack of another task          copied page by page, read from the copy; in place if it is never
//   unmapped all else                           copied by the kernel word by word, which tells if it is not
//   there
#ifndef STRAY_AGENT_RECORDER_WALK_MEMORY_H_
#define STRAY_AGENT_RECORDER_WALK_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace stray::agent {

// Copies `bytes` from `address`. False if not all can be read, or the kernel forbids to ask (some sandboxes).
// Never faults, even if another thread unmaps the memory meanwhile.
bool CopyMemory(uint64_t address, void* out, size_t bytes);

// The part of a stack that reads need not ask the kernel for: [low, high), found `shift` bytes further on.
struct StackWindow {
  uint64_t low = 0;
  uint64_t high = 0;
  uint64_t shift = 0;
  uint64_t registers = 0;  // address of the registers that the walk began with, which libunwind reads, too
};

class WalkMemory {
 public:
  // The next walk of the calling thread is of the stack at `sp`, which is its own: it cannot go away meanwhile.
  static void BeginOwn(uint64_t sp, const void* registers);
  // ... of a stack that is known to be there from `sp` to `top`, whoever's it is.
  static void BeginMapped(uint64_t sp, uint64_t top, const void* registers);
  // ... of the stack at `sp` of some other task. One thread at a time: there is one copy.
  static void BeginOther(uint64_t sp, const void* registers);
};

}  // namespace stray::agent

#endif  // STRAY_AGENT_RECORDER_WALK_MEMORY_H_
