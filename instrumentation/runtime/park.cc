// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/park.h"

#include <sys/syscall.h>

#include "instrumentation/runtime/counted_wait.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

// A task that is alone looks for others on other processors once in so many calls of Yield().
constexpr uint32_t kYieldsAlone = 16;

// Gives the record of a thread back when the thread ends.
struct ThreadTask {
  Task* task = nullptr;
  ~ThreadTask() {
    if (task == nullptr) return;
    ThreadState* self = Self();
    if (self->task == task) self->task = nullptr;
    Scheduler::Discard(task);
  }
};
thread_local ThreadTask thread_task;

[[gnu::noinline]] Task* MakeThreadKnown() {
  Task* task = Scheduler::NewTask();
  task->record.kind = bridge::kThread;
  task->record.tid = static_cast<int32_t>(KernelCall(SYS_gettid));
  task->set_state(TaskState::kRunning);
  thread_task.task = task;
  Self()->task = task;
  return task;
}

void NoteWait(Task* task, WaitReason reason, const void* object, int64_t now_ns) {
  task->record.wait_reason = static_cast<uint16_t>(reason);
  task->record.wait_object = object;
  task->record.wait_since_ns = now_ns;
  task->set_state(TaskState::kWaiting);
}

// A thread waits on its own futex word.
void ParkThread(Task* task, WaitReason reason, const void* object, WordLock* lock, void (*after)(void*),
                void* argument) {
  const CountedWait counted(task, reason, object);
  tsan::TellPark(static_cast<uint16_t>(reason), object);
  NoteWait(task, reason, object, Now());
  task->wake.store(0, std::memory_order_relaxed);
  Scheduler::NoteThreadParked(+1);
  if (lock != nullptr) lock->Unlock();
  if (after != nullptr) after(argument);
  while (task->wake.load(std::memory_order_acquire) == 0) FutexWait(&task->wake, 0);
  task->set_state(TaskState::kRunning);
  tsan::TellUnpark();
}

// Not part of its caller: a stack looks the same whichever way the goroutine left.
[[gnu::noinline]] void Leave(ThreadState* self, Task* task, WaitReason reason, const void* object) {
  Processor* processor = self->processor;
  NoteWait(task, reason, object, processor->now_ns);
  if (!task->stack.guarded && !IsIntact(task->stack)) [[unlikely]]
    FatalStackOverflow(task);
  Task* next = Scheduler::PickLocal(processor);
  if (next != nullptr) [[likely]] {
    SwitchTo(self, task, next);
  } else {
    SwitchToMachine(self, task);
  }
}

void ParkGoroutine(ThreadState* self, Task* task, WaitReason reason, const void* object) {
  const CountedWait counted(task, reason, object);
  tsan::TellPark(static_cast<uint16_t>(reason), object);
  Leave(self, task, reason, object);
}

// The calling goroutine runs again after all others, or when a seeded order says so.
void GoLast(ThreadState* self) {
  Task* task = self->task;
  Task* next = Scheduler::PickLocal(self->processor);
  self->machine->after = [](void* argument) {
    Scheduler::PushLast(Self()->processor, static_cast<Task*>(argument));
  };
  self->machine->after_argument = task;
  task->set_state(TaskState::kRunnable);
  if (next != nullptr) {
    SwitchTo(self, task, next);
  } else {
    SwitchToMachine(self, task);
  }
}

}  // namespace

Task* CurrentTask() {
  Task* task = Self()->task;
  return task != nullptr ? task : MakeThreadKnown();
}

void Park(WaitReason reason, const void* object, WordLock* lock) {
  ThreadState* self = Self();
  Task* task = self->task;
  if (self->processor == nullptr && task->is_goroutine()) [[unlikely]]
    FatalInCall(task);
  if (self->processor == nullptr) [[unlikely]]
    return ParkThread(task, reason, object, lock, nullptr, nullptr);
  self->machine->unlock = lock;
  ParkGoroutine(self, task, reason, object);
}

void ParkAfter(WaitReason reason, const void* object, void (*after)(void*), void* argument) {
  ThreadState* self = Self();
  Task* task = self->task;
  if (self->processor == nullptr && task->is_goroutine()) [[unlikely]]
    FatalInCall(task);
  if (self->processor == nullptr) [[unlikely]]
    return ParkThread(task, reason, object, nullptr, after, argument);
  self->machine->after = after;
  self->machine->after_argument = argument;
  ParkGoroutine(self, task, reason, object);
}

void ParkForEver(WaitReason reason) {
  CurrentTask();
  for (;;) Park(reason, nullptr, nullptr);
}

void Ready(Task* task) {
  if (!task->is_goroutine()) [[unlikely]] {
    // Not asleep from now on, though it may take a while to run: the caller may park, or end, before.
    Scheduler::NoteThreadParked(-1);
    // The thread may go on, and end, as soon as it sees this; its record stays.
    task->wake.store(1, std::memory_order_release);
    FutexWake(&task->wake);
    return;
  }
  task->set_state(TaskState::kRunnable);
  tsan::TellReady(task->record.id.load(std::memory_order_relaxed));
  Processor* processor = Self()->processor;
  if (processor == nullptr) [[unlikely]]
    return Scheduler::Inject(task);
  Scheduler::PushNext(processor, task);
}

void YieldTask() {
  ThreadState* self = Self();
  Processor* processor = self->processor;
  if (processor == nullptr) {
    KernelCall(SYS_sched_yield);
    return;
  }
  if (SeededOrder::IsOn()) [[unlikely]] {
    SeededOrder::NoteYield(self->task);
    return GoLast(self);
  }
  const uint32_t tick = processor->tick.load(std::memory_order_relaxed);
  if (!Scheduler::HasLocal(processor) && tick % kYieldsAlone != 0) {
    processor->tick.store(tick + 1, std::memory_order_relaxed);
    return;
  }
  GoLast(self);
}

void EnterCall() {
  ThreadState* self = Self();
  Processor* processor = self->processor;
  if (processor == nullptr) return;
  self->task->set_state(TaskState::kInCall);
  Scheduler::NoteOutside(+1);
  self->processor = nullptr;
  self->machine->processor = nullptr;
  Scheduler::HandOver(processor);
}

void LeaveCall() {
  ThreadState* self = Self();
  if (self->machine == nullptr || self->processor != nullptr) return;
  Task* task = self->task;
  if (Scheduler::TakeIdleProcessor(self->machine)) {
    Scheduler::NoteOutside(-1);
    task->set_state(TaskState::kRunning);
    return;
  }
  // Everybody is busy: the task waits its turn, and the machine goes to sleep.
  self->machine->after = [](void* argument) {
    Scheduler::Inject(static_cast<Task*>(argument));
    Scheduler::NoteOutside(-1);
  };
  self->machine->after_argument = task;
  task->set_state(TaskState::kRunnable);
  SwitchToMachine(self, task);
}

}  // namespace stray::runtime

namespace stray::detail {

void MayPreempt() noexcept {
  runtime::ThreadState* self = runtime::Self();
  // Timers fire between two tasks, and threads are none of ours.
  if (self->processor == nullptr || self->task == nullptr) return;
  tsan::TellPoint();
  if (runtime::SeededOrder::IsOn() && runtime::SeededOrder::IsPreemptedNow(self->task)) runtime::GoLast(self);
}

}  // namespace stray::detail
