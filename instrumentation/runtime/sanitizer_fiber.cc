// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/sanitizer_fiber.h"

#include <charconv>

#include "instrumentation/runtime/fiber_limit.h"
#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {
namespace {

// Byte by byte: the sanitizer would take memcpy's reads and writes for the program's.
char* Append(char* to, const char* end, const char* text) {
  for (; *text != '\0' && to < end; ++text) {
    *to++ = *text;
    asm volatile("" ::: "memory");  // else the loop becomes a call of memcpy
  }
  return to;
}

// The sanitizer keeps the stack of this call, and shows it with races. It knows the frames of instrumented code
// only by what that says on entry; of the function that calls the runtime, it would know nothing.
void* CreateFiber(const void* created_at) {
  const bool can_tell = &__tsan_func_entry != nullptr && &__tsan_func_exit != nullptr && created_at != nullptr;
  if (can_tell) __tsan_func_entry(const_cast<void*>(created_at));
  void* fiber = __tsan_create_fiber(0);
  if (can_tell) __tsan_func_exit();
  return fiber;
}

}  // namespace

void* MakeSanitizerFiber(const Task* task) {
  FiberLimit::NoteMade();
  void* fiber = CreateFiber(task->record.created_at);
  char name[64];  // the sanitizer keeps no more
  char* const end = name + sizeof(name) - 1;
  char* at = Append(name, end, "goroutine ");
  at = std::to_chars(at, end, task->record.id.load(std::memory_order_relaxed)).ptr;
  if (task->record.name != nullptr) {
    at = Append(at, end, " \"");
    at = Append(at, end, task->record.name);
    at = Append(at, end, "\"");
  }
  *at = '\0';
  if (&__tsan_set_fiber_name != nullptr) __tsan_set_fiber_name(fiber, name);
  return fiber;
}

}  // namespace stray::runtime
