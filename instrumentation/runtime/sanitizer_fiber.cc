// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/sanitizer_fiber.h"

#include <charconv>

#include "instrumentation/runtime/fiber_limit.h"
#include "instrumentation/runtime/word_lock.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

// Does nothing but create others, which so come after nothing.
void* blank_fiber = nullptr;
WordLock blank_lock;

// Before main: what the program does before its first goroutine is not to come before all of them.
[[gnu::constructor]] void MakeBlankFiber() {
  if (tsan::HasTsan()) blank_fiber = __tsan_create_fiber(0);
}

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

void* MakeSanitizerFiber(Task* task) {
  FiberLimit::NoteMade();
  task->comes_after = nullptr;
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

void InPlaceOf::Begin(void* fiber) {
  before_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(fiber, tsan::kNoSync);
}

void InPlaceOf::End() { __tsan_switch_to_fiber(before_, tsan::kNoSync); }

void ThreadStandIn::Begin() { fiber_ = task_->sanitizer_fiber = __tsan_create_fiber(0); }

void ThreadStandIn::End() {
  task_->sanitizer_fiber = nullptr;
  __tsan_destroy_fiber(fiber_);
}

void NobodyScope::Begin() {
  before_ = __tsan_get_current_fiber();
  {
    WordGuard guard(blank_lock);
    __tsan_switch_to_fiber(blank_fiber, tsan::kNoSync);
    fiber_ = __tsan_create_fiber(0);
    __tsan_switch_to_fiber(before_, tsan::kNoSync);
  }
  __tsan_switch_to_fiber(fiber_, tsan::kNoSync);
  tsan::IgnoreAccesses(true);  // it is on the stack of another
}

void NobodyScope::End() {
  tsan::IgnoreAccesses(false);
  __tsan_switch_to_fiber(before_, tsan::kNoSync);
  __tsan_destroy_fiber(fiber_);
}

}  // namespace stray::runtime
