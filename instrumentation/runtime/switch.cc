// SPDX-License-Identifier: Apache-2.0
// switch.cc: from one stack to the next, and what has to come along: the C++ exceptions that a task is
// handling, and what sanitizers know of stacks.
#include <cxxabi.h>

#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/tsan/fibers.h"

namespace stray::runtime {
namespace {

// At the high end of each stack: the pool keeps its links there (FreeStack).
constexpr size_t kTopReserve = 64;

void Prepare(Processor* processor, const Machine* machine, Task* task) {
  task->set_state(TaskState::kRunning);
  task->record.tid = machine->tid;
  if (task->stack.low != nullptr) [[likely]]
    return;
  if (!TakeStack(processor->stacks, &task->stack)) FatalNoStack(task);
  task->record.flags &= ~bridge::kNotStarted;
  StartContext(&task->context(), task->stack.top - kTopReserve, &TaskEntry);
}

void TellSanitizers(void** fake_stack, void* fiber, const void* low, size_t size) {
  if (tsan::HasTsan()) __tsan_switch_to_fiber(fiber, tsan::kNoSync);
  if (tsan::HasAsan()) __sanitizer_start_switch_fiber(fake_stack, low, size);
}

bool HasSanitizer() {
  static const bool has = tsan::HasTsan() || tsan::HasAsan();
  return has;
}

}  // namespace

void SwitchTo(ThreadState* self, Task* from, Task* to) {
  Machine* machine = self->machine;
  Prepare(self->processor, machine, to);
  self->task = to;
  Context nowhere;
  Context* save = &nowhere;
  if (from != nullptr) {
    save = &from->context();
    from->exceptions[0] = machine->exceptions[0];
    from->exceptions[1] = machine->exceptions[1];
  }
  machine->exceptions[0] = to->exceptions[0];
  machine->exceptions[1] = to->exceptions[1];
  if (HasSanitizer()) [[unlikely]] {
    TellSanitizers(from == nullptr ? nullptr : &from->fake_stack, to->sanitizer_fiber, to->stack.low,
                   static_cast<size_t>(to->stack.top - to->stack.low));
  }
  SwitchContext(save, &to->context());
  AfterSwitch();
}

void SwitchToMachine(ThreadState* self, Task* from) {
  Machine* machine = self->machine;
  self->task = nullptr;
  Context nowhere;
  Context* save = &nowhere;
  if (from != nullptr) {
    save = &from->context();
    from->exceptions[0] = machine->exceptions[0];
    from->exceptions[1] = machine->exceptions[1];
  }
  machine->exceptions[0] = machine->exceptions[1] = nullptr;
  if (HasSanitizer()) [[unlikely]] {
    TellSanitizers(from == nullptr ? nullptr : &from->fake_stack, machine->sanitizer_fiber, machine->stack_low,
                   machine->stack_size);
  }
  SwitchContext(save, &machine->context);
  AfterSwitch();
}

void SwitchFromMachine(ThreadState* self, Task* to) {
  Machine* machine = self->machine;
  Prepare(self->processor, machine, to);
  self->task = to;
  machine->exceptions[0] = to->exceptions[0];
  machine->exceptions[1] = to->exceptions[1];
  if (HasSanitizer()) [[unlikely]] {
    TellSanitizers(&machine->fake_stack, to->sanitizer_fiber, to->stack.low,
                   static_cast<size_t>(to->stack.top - to->stack.low));
  }
  SwitchContext(&machine->context, &to->context());
  AfterSwitch();
}

void AfterSwitch() {
  ThreadState* self = Self();
  Machine* machine = self->machine;
  if (HasSanitizer() && tsan::HasAsan()) [[unlikely]] {
    __sanitizer_finish_switch_fiber(self->task == nullptr ? machine->fake_stack : self->task->fake_stack,
                                    nullptr, nullptr);
  }
  if (machine->unlock != nullptr) {
    WordLock* lock = machine->unlock;
    machine->unlock = nullptr;
    lock->Unlock();
  } else if (machine->after != nullptr) {
    void (*after)(void*) = machine->after;
    machine->after = nullptr;
    after(machine->after_argument);
  }
}

void TaskEntry() {
  AfterSwitch();
  for (;;) {
    Task* task = Self()->task;
    task->run(task->closure);
    // From here on perhaps in another thread.
    ThreadState* self = Self();
    const Stack stack = task->stack;
    void* const fiber = task->sanitizer_fiber;
    Scheduler::Finish(self->processor, task);
    Task* next = Scheduler::PickLocal(self->processor);
    if (next != nullptr && next->stack.low == nullptr) {
      // It has not begun: it can begin right here.
      next->stack = stack;
      next->record.flags &= ~bridge::kNotStarted;
      next->set_state(TaskState::kRunning);
      next->record.tid = self->machine->tid;
      self->task = next;
      if (tsan::HasTsan()) [[unlikely]] {
        __tsan_switch_to_fiber(next->sanitizer_fiber, tsan::kNoSync);
        __tsan_destroy_fiber(fiber);
      }
      continue;
    }
    GiveStack(self->processor->stacks, stack);
    if (tsan::HasTsan()) [[unlikely]] {
      self->machine->after = [](void* old) { __tsan_destroy_fiber(old); };
      self->machine->after_argument = fiber;
    }
    if (next != nullptr) {
      SwitchTo(self, nullptr, next);
    } else {
      SwitchToMachine(self, nullptr);
    }
  }
}

}  // namespace stray::runtime

#if !defined(__x86_64__)
namespace stray::runtime {
[[gnu::noinline]] ThreadState* SelfCall() {
  asm volatile("");
  return &stray_runtime_thread_state;
}
}  // namespace stray::runtime
#endif
