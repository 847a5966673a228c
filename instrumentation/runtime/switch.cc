// SPDX-License-Identifier: Apache-2.0
// switch.cc: from one stack to the next, and what has to come along: the C++ exceptions that a task is
// handling, and what sanitizers know of stacks.
#include <cxxabi.h>

#include <utility>

#include "instrumentation/runtime/fiber_limit.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

// At the high end of each stack: the pool keeps its links there (FreeStack).
constexpr size_t kTopReserve = 64;

size_t StackBytes(const Stack& stack) { return static_cast<size_t>(stack.top - stack.low); }

void Prepare(Processor* processor, const Machine* machine, Task* task) {
  task->set_state(TaskState::kRunning);
  task->record.tid = machine->tid;
  if (task->stack.low != nullptr) [[likely]]
    return;
  do {
    if (!TakeStack(processor->stacks, &task->stack)) FatalNoStack(task);
  } while (tsan::HasTsan() && !tsan::ForgetPages(task->stack.low, StackBytes(task->stack)));
  task->record.stack_top = task->stack.top;
  task->record.flags &= ~bridge::kNotStarted;
  StartContext(&task->context(), task->stack.top - kTopReserve, &TaskEntry);
}

void TellSanitizers(void** fake_stack, void* fiber, const void* low, size_t size) {
  if (tsan::HasTsan()) tsan::SwitchToFiber(fiber);
  if (tsan::HasAsan()) __sanitizer_start_switch_fiber(fake_stack, low, size);
}

bool HasSanitizer() {
  static const bool has = tsan::HasTsan() || tsan::HasAsan();
  return has;
}

// Where to save what runs now: in the task that is left, or `nowhere` if that is over. Its exceptions go with
// it.
Context* Leave(Machine* machine, Task* from, Context* nowhere) {
  if (from == nullptr) return nowhere;
  from->exceptions[0] = machine->exceptions[0];
  from->exceptions[1] = machine->exceptions[1];
  return &from->context();
}

void** FakeStackOf(Task* from) { return from == nullptr ? nullptr : &from->fake_stack; }

// All but the last step towards `to`.
void Enter(ThreadState* self, Task* to, void** fake_stack) {
  Prepare(self->processor, self->machine, to);
  self->task = to;
  self->machine->exceptions[0] = to->exceptions[0];
  self->machine->exceptions[1] = to->exceptions[1];
  if (HasSanitizer()) [[unlikely]]
    TellSanitizers(fake_stack, to->sanitizer_fiber, to->stack.low, StackBytes(to->stack));
}

// The thread was there, and its thread-local memory new, before whoever runs in it now. Nothing else is
// released at a machine, so once is enough for as long as the task stays.
void ComeAfter(Task* task, const Machine* machine) {
  if (task == nullptr || task->comes_after == machine) return;
  task->comes_after = machine;
  tsan::Acquire(machine);
}

// Sanitizers that want to be told of the end of a task once its stack has been left: TSan must leave a fiber
// before it is destroyed, and its stack before that is another's; for LSan, what a dead stack holds is lost.
bool HasBurial() { return tsan::HasTsan() || tsan::HasLsan(); }

void Bury(void* fiber) {
  ThreadState* self = Self();
  const Stack& stack = self->machine->dead_stack;
  if (tsan::HasTsan()) {
    tsan::DestroyFiber(fiber);
    FiberLimit::NoteGone();
  }
  tsan::ForgetRoots(stack.low, StackBytes(stack));
  GiveStack(self->processor->stacks, stack);
}

}  // namespace

void SwitchTo(ThreadState* self, Task* from, Task* to) {
  Context nowhere;
  Context* save = Leave(self->machine, from, &nowhere);
  Enter(self, to, FakeStackOf(from));
  SwitchContext(save, &to->context());
  AfterSwitch();
}

void SwitchToMachine(ThreadState* self, Task* from) {
  Machine* machine = self->machine;
  Context nowhere;
  Context* save = Leave(machine, from, &nowhere);
  self->task = nullptr;
  machine->exceptions[0] = machine->exceptions[1] = nullptr;
  if (HasSanitizer()) [[unlikely]]
    TellSanitizers(FakeStackOf(from), machine->sanitizer_fiber, machine->stack_low, machine->stack_size);
  SwitchContext(save, &machine->context);
  AfterSwitch();
}

void SwitchFromMachine(ThreadState* self, Task* to) {
  Machine* machine = self->machine;
  Enter(self, to, &machine->fake_stack);
  SwitchContext(&machine->context, &to->context());
  AfterSwitch();
}

void AfterSwitch() {
  ThreadState* self = Self();
  Machine* machine = self->machine;
  if (tsan::HasTsan()) [[unlikely]]
    ComeAfter(self->task, machine);
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
    after(std::exchange(machine->after_argument, nullptr));  // it may be on the stack that has been left
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
    if (next != nullptr && next->stack.low == nullptr && !tsan::HasTsan()) {
      // It has not begun: it can begin right here. (TSan would have to forget the stack we are on.)
      next->stack = stack;
      next->record.stack_top = stack.top;
      next->record.flags &= ~bridge::kNotStarted;
      next->set_state(TaskState::kRunning);
      next->record.tid = self->machine->tid;
      self->task = next;
      continue;
    }
    if (HasBurial()) [[unlikely]] {
      self->machine->dead_stack = stack;
      self->machine->after = &Bury;
      self->machine->after_argument = fiber;
    } else {
      GiveStack(self->processor->stacks, stack);
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
