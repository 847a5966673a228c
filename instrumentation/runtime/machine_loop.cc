// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/machine_loop.h"

#include <cxxabi.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <new>
#include <vector>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/global_queue.h"
#include "instrumentation/runtime/overflow_handler.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/poller.h"
#include "instrumentation/runtime/processor_quota.h"
#include "instrumentation/runtime/sanitizer_fiber.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/thread_count.h"
#include "instrumentation/runtime/thread_memory.h"
#include "instrumentation/runtime/timer_clock.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

constexpr int64_t kMainGraceNs = 100'000'000;
constexpr int kStealRounds = 4;

GlobalQueue global;  // guarded by lock
std::atomic<uint32_t> global_count{0};
Machine starting_machine;  // stands for one whose thread is being made
Machine* main_machine = nullptr;

// Who ends the process once the main goroutine has ended: one thread, as two that call exit() at once cut each
// other's exit handlers off.
enum Ending : uint32_t { kNobody = 0, kReturnOfMain = 1, kOtherThread = 2 };
std::atomic<uint32_t> ending{kNobody};  // futex word

bool ClaimEnding(Ending who) {
  uint32_t nobody = kNobody;
  return ending.compare_exchange_strong(nobody, who, std::memory_order_acq_rel);
}

uint64_t NextRandom(Processor* processor) {
  // xorshift64*. Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled".
  uint64_t x = processor->random;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  processor->random = x;
  return x * 0x2545F4914F6CDD1Du;
}

}  // namespace

WordLock MachineLoop::lock_;
std::atomic<Processor*> MachineLoop::processors_[kMaxProcessors];
std::atomic<int> MachineLoop::made_processors_{0};
std::atomic<int> MachineLoop::machine_count_{0};
int MachineLoop::main_status = 0;
Machine* MachineLoop::all_machines_ = nullptr;

// True if a machine runs goroutines, or is about to.
bool MachineLoop::IsBusy() {
  const int count = Scheduler::MaxProcs(), made = made_processors_.load(std::memory_order_acquire);
  if (Scheduler::IdleProcessors() < static_cast<uint32_t>(count)) return true;
  if (made <= count) return false;
  WordGuard guard(lock_);
  for (int i = count; i < made; ++i) {
    if (ProcessorAt(i)->machine != nullptr) return true;
  }
  return false;
}

void MachineLoop::Start() {
  if (Scheduler::IsStarted()) return;
  WordGuard guard(lock_);
  if (Scheduler::IsStarted()) return;
  InstallOverflowHandler();
  InstallTerminateHandler();
  Scheduler::AttachAgent();
  StartSnapshotServer();
  SeededOrder::Configure();
  if (SeededOrder::IsOn()) TimerClock::Start();
  const int count = SeededOrder::IsOn() ? 1 : DefaultMaxProcs();
  AddProcessors(count);
  Scheduler::processor_count_.store(count, std::memory_order_release);
}

void MachineLoop::BindThread(Machine* machine) {
  machine->exceptions = reinterpret_cast<void**>(abi::__cxa_get_globals());
  PrepareOverflowStack();
  if (tsan::HasTsan()) {
    machine->sanitizer_fiber = tsan::CurrentFiber();
    ShareThreadLocalMemory();
  }
  if (tsan::HasAsan()) {
    pthread_attr_t attributes;
    void* low = nullptr;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &low, &machine->stack_size);
      machine->stack_low = low;
      pthread_attr_destroy(&attributes);
      // LSan looks at the stack that a thread is on.
      tsan::AddRoots(machine->stack_low, machine->stack_size);
    }
  }
  machine->tid = static_cast<int32_t>(KernelCall(SYS_gettid));
  if (const runtime_abi::AgentServices* agent = bridge::AgentLink::Services()) agent->mark_machine(true);
  ThreadState* self = Self();
  self->machine = machine;
  self->processor = machine->processor;
  machine_count_.fetch_add(1, std::memory_order_relaxed);
}

void MachineLoop::UnbindThread(Machine* machine) {
  if (machine->stack_low != nullptr) tsan::RemoveRoots(machine->stack_low, machine->stack_size);
  machine_count_.fetch_sub(1, std::memory_order_relaxed);
}

void* MachineLoop::ThreadMain(void* argument) {
  auto* machine = static_cast<Machine*>(argument);
  BindThread(machine);
  tsan::Release(machine);  // acquired by each goroutine that is switched to here
  Run(machine);
  UnbindThread(machine);
  *Self() = {};
  tsan::Release(&main_status);  // acquired by who shuts down
  machine->is_over.store(1, std::memory_order_release);
  return nullptr;  // the machine stays: others may still look at it
}

void MachineLoop::StartMachine(Processor* processor, bool spinning) {
  auto* machine = new Machine;
  machine->processor = processor;
  machine->is_spinning = spinning;
  {
    WordGuard guard(lock_);
    machine->next_of_all = all_machines_;
    all_machines_ = machine;
  }
  processor->machine = machine;
  const runtime_abi::AgentServices* agent = bridge::AgentLink::Services();
  if (agent != nullptr) agent->make_machines(true);
  StartThread(&ThreadMain, machine);
  if (agent != nullptr) agent->make_machines(false);
}

void MachineLoop::RunMain(Task* task) {
  Start();
  const ThreadState outer = *Self();
  main_machine = new Machine;
  BindThread(main_machine);
  {
    // The same; but what this thread did before comes before those alone that it starts.
    const NobodyScope nobody;
    tsan::Release(main_machine);
  }
  Self()->task = nullptr;
  TakeIdleProcessor(main_machine);  // unless others have them all, who will run it then
  Scheduler::Spawn(task);
  Run(main_machine);
  tsan::Acquire(&main_status);
  UnbindThread(main_machine);
  if (const runtime_abi::AgentServices* agent = bridge::AgentLink::Services()) agent->mark_machine(false);
  *Self() = outer;
  if (ClaimEnding(kReturnOfMain)) return FutexWake(&ending);
  while (ending.load(std::memory_order_acquire) == kOtherThread) FutexWait(&ending, kOtherThread);
}

void MachineLoop::MainHasEnded() {
  tsan::Release(&main_status);  // what the main goroutine did comes before the return of stray::Main
  Stop();
  if (Self()->machine == main_machine) return;
  // Its thread returns from stray::Main, unless it computes and does not switch.
  const int64_t deadline = Now() + kMainGraceNs;
  while (ending.load(std::memory_order_acquire) == kNobody) {
    if (Now() >= deadline && ClaimEnding(kOtherThread)) exit(main_status);
    FutexWait(&ending, kNobody, deadline);
  }
}

void MachineLoop::Stop() {
  Scheduler::stopping_.store(true, std::memory_order_seq_cst);
  for (int i = 0; i < kMaxProcessors; ++i) {
    if (Processor* processor = ProcessorAt(i)) processor->attention.store(true, std::memory_order_relaxed);
  }
  WordGuard guard(lock_);
  while (Machine* machine = PopIdleMachine()) WakeMachine(machine, kLookAgain);
}

void MachineLoop::Run(Machine* machine) {
  ThreadState* self = Self();  // the machine's loop stays in its thread
  while (!Scheduler::IsStopping()) {
    if (machine->processor == nullptr) {
      Sleep(machine);
      self->processor = machine->processor;
      continue;
    }
    Processor* processor = machine->processor;
    self->processor = processor;
    Task* task = Find(machine, processor);
    if (task == nullptr) {
      GoIdle(machine, processor);
      self->processor = machine->processor;
      continue;
    }
    if (machine->is_spinning) StopSpinning(machine);
    SwitchFromMachine(self, task);
  }
}

Task* MachineLoop::Find(Machine* machine, Processor* processor) {
  if (SeededOrder::IsOn()) return FindSeeded(processor);
  if (static_cast<int>(processor->index) >= Scheduler::MaxProcs()) return nullptr;
  processor->attention.store(false, std::memory_order_relaxed);
  processor->now_ns = Now();
  if (!processor->timers.IsEmpty()) RunTimers(processor, processor->now_ns);
  Poller::PollNow();
  // By turns. Not by the tick: there are tasks that come here at odd ticks only.
  if (++processor->looks % 2 == 0) {
    if (Task* task = TakeGlobal(processor); task != nullptr) return task;
  }
  if (Task* task = FindLocal(processor); task != nullptr) return task;
  if (Task* task = TakeGlobal(processor); task != nullptr) return task;
  return Steal(machine, processor);
}

// All that could run take part, wherever they have been put.
Task* MachineLoop::FindSeeded(Processor* processor) {
  // Of the only processor. Never destroyed: goroutines may run after static destructors have.
  static auto* const found = new std::vector<Task*>;
  processor->now_ns = Now();
  TimerClock::Step();
  RunTimers(processor, TimerClock::Now());
  Poller::PollNow();
  const tsan::IgnoreScope unseen;  // machines take turns with the processor, of which TSan knows nothing
  while (Task* task = FindLocal(processor)) found->push_back(task);
  if (global_count.load(std::memory_order_seq_cst) != 0) {
    WordGuard guard(lock_);
    while (Task* task = global.Pop()) found->push_back(task);
    global_count.store(0, std::memory_order_seq_cst);
  }
  SeededOrder::Add(*found);
  return SeededOrder::Pick();
}

Task* MachineLoop::FindLocal(Processor* processor) {
  if (processor->next_streak < 32) {
    if (Task* next = processor->next.exchange(nullptr, std::memory_order_acq_rel); next != nullptr) return next;
  }
  processor->next_streak = 0;
  if (Task* task = processor->queue.Pop(); task != nullptr) return task;
  return processor->next.exchange(nullptr, std::memory_order_acq_rel);
}

Task* MachineLoop::TakeGlobal(Processor* processor) {
  if (global_count.load(std::memory_order_relaxed) == 0) return nullptr;
  WordGuard guard(lock_);
  Task* first = global.Pop();
  if (first == nullptr) return nullptr;
  uint32_t share = global.Count() / static_cast<uint32_t>(Scheduler::MaxProcs());
  if (share > RunQueue::kSize / 2) share = RunQueue::kSize / 2;
  // Only the owner adds to the queue, so there is room for as many as are missing now.
  if (share > RunQueue::kSize - processor->queue.Count()) share = RunQueue::kSize - processor->queue.Count();
  for (; share > 0 && !global.IsEmpty(); --share) processor->queue.Push(global.Pop());
  global_count.store(global.Count(), std::memory_order_relaxed);
  return first;
}

bool MachineLoop::RunTimers(Processor* processor, int64_t now_ns) {
  bool any = false;
  while (processor->timers.Earliest() <= now_ns) {
    Timer* timer = processor->timers.PopDue(now_ns);
    if (timer == nullptr) break;
    timer->fire(timer);
    any = true;
  }
  return any;
}

Task* MachineLoop::Steal(Machine* machine, Processor* processor) {
  const int count = Scheduler::MaxProcs();
  if (count == 1) return nullptr;
  if (!machine->is_spinning) {
    machine->is_spinning = true;
    Scheduler::spinning_.fetch_add(1, std::memory_order_seq_cst);
  }
  for (int round = 0; round < kStealRounds; ++round) {
    const auto offset = static_cast<int>(NextRandom(processor) % static_cast<uint64_t>(count));
    for (int i = 0; i < count; ++i) {
      Processor* victim = ProcessorAt((offset + i) % count);
      if (victim == nullptr || victim == processor) continue;
      if (Task* task = victim->queue.StealInto(processor->queue); task != nullptr) return task;
      if (victim->timers.Earliest() <= processor->now_ns && RunTimers(victim, processor->now_ns)) {
        if (Task* task = FindLocal(processor); task != nullptr) return task;
      }
    }
    if (Task* task = TakeGlobal(processor); task != nullptr) return task;
  }
  return nullptr;
}

void MachineLoop::StopSpinning(Machine* machine) {
  machine->is_spinning = false;
  // The last one that looked for work has found some; there may be more.
  if (Scheduler::spinning_.fetch_sub(1, std::memory_order_seq_cst) == 1) Scheduler::WakeOne();
}

bool MachineLoop::IsWorkAnywhere() {
  if (global_count.load(std::memory_order_seq_cst) != 0 || SeededOrder::HasRunnable()) return true;
  for (int i = 0, count = Scheduler::MaxProcs(); i < count; ++i) {
    const Processor* processor = ProcessorAt(i);
    if (processor != nullptr && !processor->queue.IsEmpty()) return true;
  }
  return false;
}

void MachineLoop::GoIdle(Machine* machine, Processor* processor) {
  const bool retired = static_cast<int>(processor->index) >= Scheduler::MaxProcs();
  if (retired) {
    TaskList rest;
    while (Task* task = FindLocal(processor)) rest.Push(task);
    InjectList(rest);
  }
  {
    WordGuard guard(lock_);
    if (!global.IsEmpty() && !retired) return;
    machine->processor = nullptr;
    Self()->processor =
        nullptr;  // what the watcher makes runnable is not to be left with a processor nobody has
    machine->wake.store(kAsleep, std::memory_order_relaxed);
    PutDown(processor);
    PushIdleMachine(machine);
  }
  Self()->processor = nullptr;  // what the watcher makes ready goes to all
  const bool was_spinning = machine->is_spinning;
  machine->is_spinning = false;
  if (was_spinning) Scheduler::spinning_.fetch_sub(1, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (IsWorkAnywhere() || retired) Scheduler::WakeOne();  // perhaps this machine
  WakeWatcherIfAllSleep();
  Sleep(machine);
}

void MachineLoop::Sleep(Machine* machine) {
  {
    WordGuard guard(lock_);
    if (!machine->is_idle && machine->processor == nullptr) {
      machine->wake.store(kAsleep, std::memory_order_relaxed);
      PushIdleMachine(machine);
    }
  }
  while (!Scheduler::IsStopping()) {
    bool watches = false;
    {
      WordGuard guard(lock_);
      if (!machine->is_idle) break;  // somebody has given it a processor
      if (watcher_ == nullptr) watcher_ = machine;
      watches = watcher_ == machine;
    }
    if (watches) {
      Watch(machine);
    } else {
      FutexWait(&machine->wake, kAsleep);
      uint32_t again = kLookAgain;
      machine->wake.compare_exchange_strong(again, kAsleep, std::memory_order_acquire);
    }
  }
  // Pairs with the release in GiveProcessor().
  machine->wake.load(std::memory_order_acquire);
}

void MachineLoop::InjectList(TaskList& list) {
  if (list.head == nullptr) return;
  WordGuard guard(lock_);
  while (Task* task = list.Pop()) global.Push(task);
  global_count.store(global.Count(), std::memory_order_seq_cst);
}

void MachineLoop::InjectAll(Task* const* tasks, uint32_t count) {
  WordGuard guard(lock_);
  for (uint32_t i = 0; i < count; ++i) global.Push(tasks[i]);
  global_count.store(global.Count(), std::memory_order_seq_cst);
}

void MachineLoop::GiveProcessor(Machine* machine, Processor* processor, bool spinning) {
  machine->processor = processor;
  machine->is_spinning = spinning;
  processor->machine = machine;
  WakeMachine(machine, kHasProcessor);
}

void MachineLoop::WakeOne() {
  if (Scheduler::IsStopping()) return;
  uint32_t none = 0;
  while (Scheduler::spinning_.compare_exchange_strong(none, 1, std::memory_order_seq_cst)) {
    Processor* processor;
    Machine* machine = nullptr;
    {
      WordGuard guard(lock_);
      processor = PopIdleProcessor();
      if (processor != nullptr) machine = PopIdleMachine();
      if (machine != nullptr) {
        GiveProcessor(machine, processor, true);
      } else if (processor != nullptr) {
        processor->machine = &starting_machine;
      }
    }
    if (processor != nullptr) {
      if (machine == nullptr) StartMachine(processor, true);
      return;
    }
    Scheduler::spinning_.fetch_sub(1, std::memory_order_seq_cst);
    // Whoever has gone idle meanwhile took us for somebody who looks for work.
    if (Scheduler::IdleProcessors() == 0) return;
  }
}

void MachineLoop::HandOver(Processor* processor) {
  const bool has_work = !processor->queue.IsEmpty() ||
                        processor->next.load(std::memory_order_relaxed) != nullptr ||
                        global_count.load(std::memory_order_relaxed) != 0 || !processor->timers.IsEmpty() ||
                        SeededOrder::HasRunnable();
  Machine* machine = nullptr;
  bool is_idle = false;
  {
    WordGuard guard(lock_);
    if (has_work) machine = PopIdleMachine();
    if (machine != nullptr) {
      GiveProcessor(machine, processor, false);
    } else if (!has_work && watcher_ != nullptr) {
      PutDown(processor);
      is_idle = true;
    }
  }
  if (is_idle) {
    // As in GoIdle(): who has made work since then has not seen that it is idle.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (IsWorkAnywhere()) Scheduler::WakeOne();
    return;
  }
  if (machine == nullptr) StartMachine(processor, false);
  if (has_work) KeepOneWatching();
}

bool MachineLoop::TakeIdleProcessor(Machine* machine) {
  WordGuard guard(lock_);
  Processor* processor = PopIdleProcessor();
  if (processor == nullptr) return false;
  RemoveIdleMachine(machine);
  machine->processor = processor;
  processor->machine = machine;
  if (Self()->machine == machine) Self()->processor = processor;
  return true;
}

}  // namespace stray::runtime
