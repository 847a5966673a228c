// SPDX-License-Identifier: Apache-2.0
// stack_pool.h: stacks for goroutines: reserved in large pieces, given memory by the kernel page by page as
// they grow, ended by a guard, and used again.
//
//   | guard | ............................ stack, grows down | guard | .......
//
// A guard is a page that nobody can touch. Where the kernel has lightweight guard regions (MADV_GUARD_INSTALL,
// Linux 6.13) they cost a system call when a stack is made and nothing else, so a million stacks fit. Elsewhere
// a guard is a mapping of its own, and of those a process may have 65,530 (vm.max_map_count): the pool makes
// them while less than half of that is in use. Stacks beyond that have a page that is checked each time the
// task parks, instead of one that faults: an overflow is noticed later, and still named.
//
// Memory stays with a stack that is used again. A stack goes back to the list of the processor that frees it,
// and from there in bundles to all.
#ifndef STRAY_INSTRUMENTATION_RUNTIME_STACK_POOL_H_
#define STRAY_INSTRUMENTATION_RUNTIME_STACK_POOL_H_

#include <cstddef>
#include <cstdint>

namespace stray::runtime {

struct Stack {
  char* low = nullptr;  // lowest usable byte; below it lies the guard
  char* top = nullptr;  // one past the highest
  bool guarded = false;
};

// A free stack; linked through its own highest bytes.
struct FreeStack {
  FreeStack* next;
  Stack stack;
};

// Of one processor: used by the thread that runs it only.
struct StackCache {
  FreeStack* head = nullptr;
  uint32_t count = 0;
};

// False with a reason when there is no memory for one more.
bool TakeStack(StackCache& cache, Stack* stack);
// May still be the one that the caller runs on, as long as that goes on without it before the cache is used
// again.
void GiveStack(StackCache& cache, const Stack& stack);
// Gives all of the cache to the others.
void FlushStacks(StackCache& cache);

// True if `address` is in the guard below a stack of the pool.
bool IsInGuard(const void* address);
// For an unguarded stack: false if it has been written below its low end.
bool IsIntact(const Stack& stack);

// Memory that the pool has reserved, by number from 0: false if there is no such piece. Any thread, also in a
// signal handler.
bool StackPiece(size_t number, const void** start, size_t* bytes);

// Size of each stack from the first on; from STRAY_STACK_SIZE, default 256 KiB.
size_t StackSize();

}  // namespace stray::runtime

#endif  // STRAY_INSTRUMENTATION_RUNTIME_STACK_POOL_H_
