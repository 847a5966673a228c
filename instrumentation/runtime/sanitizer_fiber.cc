// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/sanitizer_fiber.h"

#include <dlfcn.h>

#include <charconv>

#include "instrumentation/runtime/fiber_limit.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/word_lock.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

// Does nothing but create others, which so come after nothing.
void* blank_fiber = nullptr;
WordLock blank_lock;

// The agent's part in a trace; not beside a real sanitizer, which keeps what it is told to itself.
const trace::Tap* FindTap() {
  if (tsan::HasTsanInterface() && &stray_trace_new_memory == nullptr) return nullptr;
  const auto ask =
      reinterpret_cast<decltype(&stray_agent_trace_tap)>(dlsym(RTLD_DEFAULT, "stray_agent_trace_tap"));
  return ask == nullptr ? nullptr : ask(trace::kTapAbi);
}

// Before the program's own constructors: from the first event on it is clear who is told. And what the program
// does before its first goroutine is not to come before all of them.
[[gnu::constructor(101)]] void FindListeners() {
  tsan::detail::tap = FindTap();
  tsan::detail::is_told = tsan::HasTsanInterface() || tsan::detail::tap != nullptr;
  if (tsan::HasTsan()) blank_fiber = tsan::CreateFiber();
  // Locks that only threads use are to be in the trace, too.
  if (tsan::detail::tap != nullptr) Scheduler::AttachAgent();
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
  void* fiber = tsan::CreateFiber();
  if (can_tell) __tsan_func_exit();
  return fiber;
}

}  // namespace

void* MakeSanitizerFiber(Task* task) {
  FiberLimit::NoteMade();
  task->comes_after = nullptr;
  void* fiber = CreateFiber(task->record.created_at);
  if (!tsan::HasTsanInterface()) {
    tsan::detail::tap->name_fiber(tsan::NumberOf(fiber), task->record.id.load(std::memory_order_relaxed),
                                  task->record.name);
    return fiber;
  }
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
  before_ = tsan::CurrentFiber();
  tsan::SwitchToFiber(fiber);
}

void InPlaceOf::End() { tsan::SwitchToFiber(before_); }

void ThreadStandIn::Begin() { fiber_ = task_->sanitizer_fiber = tsan::CreateFiber(); }

void ThreadStandIn::End() {
  task_->sanitizer_fiber = nullptr;
  tsan::DestroyFiber(fiber_);
}

void NobodyScope::Begin() {
  before_ = tsan::CurrentFiber();
  {
    WordGuard guard(blank_lock);
    tsan::SwitchToFiber(blank_fiber);
    fiber_ = tsan::CreateFiber();
    tsan::SwitchToFiber(before_);
  }
  tsan::SwitchToFiber(fiber_);
  tsan::IgnoreAccesses(true);  // it is on the stack of another
}

void NobodyScope::End() {
  tsan::IgnoreAccesses(false);
  tsan::SwitchToFiber(before_);
  tsan::DestroyFiber(fiber_);
}

}  // namespace stray::runtime
