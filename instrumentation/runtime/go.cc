// SPDX-License-Identifier: Apache-2.0
// go.cc: go.h in terms of the scheduler.
#include "stray/go.h"

#include <stdlib.h>

#include <string>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/labels.h"
#include "instrumentation/runtime/names.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/tsan/fibers.h"

namespace stray {

using runtime::Scheduler;
using runtime::Task;

namespace detail {
namespace {

constexpr size_t kHeapAlign = 16;

// What runs in the end: closures from the heap have to be freed.
void RunHeapClosure(void* closure) {
  struct Free {
    void* memory;
    ~Free() { ::operator delete(memory); }
  } free_it{closure};
  Task* task = runtime::Self()->task;
  task->run_heap(closure);
}

}  // namespace

NewGoroutine BeginGo(size_t size, size_t align) {
  Task* task = Scheduler::NewTask();
  // TSan knows that memory from the heap is another's now; of a record that is used again it does not.
  if (size <= runtime::kInlineClosure && align <= kHeapAlign && !tsan::HasTsan()) [[likely]] {
    return {task, task->inline_closure};
  }
  if (align > kHeapAlign) runtime::PanicWith("stray::Go: closure with more than 16 bytes of alignment");
  return {task, ::operator new(size)};
}

void CancelGo(const NewGoroutine& goroutine) noexcept {
  auto* task = static_cast<Task*>(goroutine.task);
  if (goroutine.closure != task->inline_closure) ::operator delete(goroutine.closure);
  Scheduler::Discard(task);
}

namespace {

// `frame`: of CommitGo.
void NoteCreation(const runtime_abi::AgentServices* agent, Task* task, Task* creator, const void* frame) {
  if (creator != nullptr) {
    task->record.acquired_at = creator->record.acquired_at;
  } else {
    const uint32_t thread = agent->thread_number();
    task->record.creator = thread == 0 ? 0 : bridge::kThreadNumber | thread;
  }
  agent->note_creation(&task->record, creator == nullptr ? nullptr : &creator->record, task->record.created_at,
                       frame);
}

}  // namespace

[[gnu::noinline]] void CommitGo(const NewGoroutine& goroutine, void (*run)(void*) noexcept,
                                std::string_view name) {
  auto* task = static_cast<Task*>(goroutine.task);
  task->closure = goroutine.closure;
  if (goroutine.closure == task->inline_closure) [[likely]] {
    task->run = run;
  } else {
    task->run = &RunHeapClosure;
    task->run_heap = run;
  }
  task->record.created_at = __builtin_return_address(0);
  Task* creator = runtime::Self()->task;
  if (creator == nullptr) Scheduler::Start();  // and ask for an agent
  task->record.creator = creator == nullptr ? 0 : creator->record.id.load(std::memory_order_relaxed);
  if (creator != nullptr) runtime::Labels::Inherit(task, creator);
  if (const auto* agent = bridge::AgentLink::Services(); agent != nullptr) [[unlikely]]
    NoteCreation(agent, task, creator, __builtin_frame_address(0));
  if (!name.empty()) task->record.name = runtime::KeepName(name);
  Scheduler::Spawn(task);
  SchedulingPoint();
}

namespace {

// Before a program ends that is watched, goroutines that are about to end may do so, as goleak lets them.
void Settle() {
  const runtime_abi::AgentServices* agent = bridge::AgentLink::Services();
  if (agent == nullptr) return;
  const int64_t deadline = runtime::Now() + int64_t{agent->settle_ms} * 1'000'000;
  std::chrono::microseconds length(50);
  while (Scheduler::NumGoroutines() > 1 && runtime::Now() < deadline) {
    SleepFor(length);
    if (length.count() < 5000) length *= 2;
  }
}

struct MainCall {
  void (*run)(void*) noexcept;
  void* closure;
};

}  // namespace

int RunMain(void (*run)(void*) noexcept, void* closure) {
  static std::atomic<bool> called{false};
  if (called.exchange(true)) runtime::FatalError("stray::Main called twice");
  Task* task = Scheduler::NewTask();
  task->record.flags |= bridge::kIsMain;
  task->record.name = "main";
  task->record.creator = 0;
  task->record.created_at = nullptr;
  MainCall call = {run, closure};
  task->run = [](void* main_call) {
    const auto* main = static_cast<MainCall*>(main_call);
    main->run(main->closure);
    Settle();
  };
  task->closure = &call;
  Scheduler::RunMain(task);
  return runtime::MainStatus();
}

void SetMainStatus(int status) { Scheduler::SetMainStatus(status); }
void EnterBlockingCall() { runtime::EnterCall(); }
void LeaveBlockingCall() { runtime::LeaveCall(); }

}  // namespace detail

void Yield() { runtime::YieldTask(); }

void SleepFor(std::chrono::nanoseconds duration) {
  if (duration.count() <= 0) return Yield();
  Task* task = runtime::CurrentTask();
  runtime::Timer timer;
  const int64_t now_ns = runtime::TimerClock::Now();
  timer.when_ns = duration.count() > runtime::kNever - now_ns ? runtime::kNever - 1 : now_ns + duration.count();
  timer.argument = task;
  timer.fire = [](runtime::Timer* fired) { runtime::Ready(static_cast<Task*>(fired->argument)); };
  // Started only once the task stands still: a timer may fire at once.
  runtime::ParkAfter(
      runtime::WaitReason::kSleep, nullptr,
      [](void* argument) { runtime::StartTimer(static_cast<runtime::Timer*>(argument)); }, &timer);
}

size_t NumGoroutines() { return Scheduler::NumGoroutines(); }
int SetMaxProcs(int count) { return Scheduler::SetMaxProcs(count); }

uint64_t GoroutineId() {
  const Task* task = runtime::Self()->task;
  return task != nullptr && task->is_goroutine() ? task->record.id.load(std::memory_order_relaxed) : 0;
}

[[noreturn]] void Panic(std::string_view text) { runtime::PanicWith(std::string(text).c_str()); }

}  // namespace stray
