// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/machine_loop.h"

#include <cxxabi.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <new>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/global_queue.h"
#include "instrumentation/runtime/overflow_handler.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/poller.h"
#include "instrumentation/runtime/processor_quota.h"
#include "instrumentation/runtime/thread_count.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

enum WakeKind : uint32_t { kAsleep = 0, kHasProcessor = 1, kLookAgain = 2 };

constexpr int64_t kShortestWatchNs = 50'000, kPendingWatchNs = 10'000'000, kLongestWatchNs = 10'000'000'000;
constexpr int64_t kLongestIdleWatchNs = 1'000'000'000;
constexpr int64_t kLazyFromNs = 1'000'000;
constexpr int64_t kMainGraceNs = 100'000'000;
constexpr int kStealRounds = 4;

WordLock lock;
GlobalQueue global;  // guarded by lock
std::atomic<uint32_t> global_count{0};
Processor* idle_processor_list = nullptr;  // guarded by lock
Machine* idle_machine_list = nullptr;      // guarded by lock
Machine* watcher = nullptr;                // guarded by lock
std::atomic<int64_t> watcher_deadline{0};  // 0: there is no watcher, or it is not asleep
std::atomic<int> machine_count{0};         // threads
std::atomic<int> parked_threads{0};
Machine* all_machines = nullptr;        // guarded by lock; never given back
std::atomic<uint32_t> thread_wakes{0};  // of parked threads, ever
std::atomic<int> made_processors{
    0};                    // ever; those from MaxProcs() on are retired, or will be at their next switch
Machine starting_machine;  // stands for one whose thread is being made
Machine* main_machine = nullptr;
std::atomic<uint32_t> main_has_left{0};  // futex word

uint64_t NextRandom(Processor* processor) {
  // xorshift64*. Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled".
  uint64_t x = processor->random;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  processor->random = x;
  return x * 0x2545F4914F6CDD1Du;
}

void WakeMachine(Machine* machine, uint32_t kind) {
  // Pairs with Poller::Wait(): one of the two sees the other. It may sleep there though nobody uses the poller
  // any more.
  machine->wake.store(kind, std::memory_order_seq_cst);
  FutexWake(&machine->wake);
  Poller::Interrupt();
}

int64_t EarliestTimer() {
  int64_t earliest = kNever;
  for (int i = 0, count = made_processors.load(std::memory_order_acquire); i < count; ++i) {
    const Processor* processor = Scheduler::ProcessorAt(i);
    if (processor != nullptr && processor->timers.Earliest() < earliest)
      earliest = processor->timers.Earliest();
  }
  return earliest;
}

}  // namespace

std::atomic<Processor*> MachineLoop::processors_[kMaxProcessors];
std::atomic<bool> MachineLoop::watcher_is_lazy_{false};
int MachineLoop::main_status = 0;

void MachineLoop::AddProcessors(int count) {
  for (int i = 0; i < count; ++i) {
    if (ProcessorAt(i) != nullptr) continue;
    auto* processor = new (std::align_val_t{64}) Processor;
    processor->index = static_cast<uint32_t>(i);
    processor->random = 0x9E3779B97F4A7C15u * static_cast<uint64_t>(i + 1) ^ static_cast<uint64_t>(Now());
    processor->now_ns = Now();
    processors_[i].store(processor, std::memory_order_release);
    made_processors.store(i + 1, std::memory_order_release);
    PushIdleProcessor(processor);
  }
}

// True if a machine runs goroutines, or is about to.
bool MachineLoop::IsBusy() {
  const int count = Scheduler::MaxProcs(), made = made_processors.load(std::memory_order_acquire);
  if (Scheduler::IdleProcessors() < static_cast<uint32_t>(count)) return true;
  if (made <= count) return false;
  WordGuard guard(lock);
  for (int i = count; i < made; ++i) {
    if (ProcessorAt(i)->machine != nullptr) return true;
  }
  return false;
}

void MachineLoop::Start() {
  if (Scheduler::IsStarted()) return;
  WordGuard guard(lock);
  if (Scheduler::IsStarted()) return;
  InstallOverflowHandler();
  InstallTerminateHandler();
  Scheduler::AttachAgent();
  const int count = DefaultMaxProcs();
  AddProcessors(count);
  Scheduler::processor_count_.store(count, std::memory_order_release);
}

void MachineLoop::BindThread(Machine* machine) {
  machine->exceptions = reinterpret_cast<void**>(abi::__cxa_get_globals());
  PrepareOverflowStack();
  if (tsan::HasTsan()) machine->sanitizer_fiber = __tsan_get_current_fiber();
  if (tsan::HasAsan()) {
    pthread_attr_t attributes;
    void* low = nullptr;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &low, &machine->stack_size);
      machine->stack_low = low;
      pthread_attr_destroy(&attributes);
    }
  }
  machine->tid = static_cast<int32_t>(KernelCall(SYS_gettid));
  if (const runtime_abi::AgentServices* agent = bridge::AgentLink::Services()) agent->mark_machine(true);
  ThreadState* self = Self();
  self->machine = machine;
  self->processor = machine->processor;
  machine_count.fetch_add(1, std::memory_order_relaxed);
}

void* MachineLoop::ThreadMain(void* argument) {
  auto* machine = static_cast<Machine*>(argument);
  BindThread(machine);
  Run(machine);
  machine_count.fetch_sub(1, std::memory_order_relaxed);
  *Self() = {};
  return nullptr;  // the machine stays: others may still look at it
}

void MachineLoop::StartMachine(Processor* processor, bool spinning) {
  auto* machine = new Machine;
  machine->processor = processor;
  machine->is_spinning = spinning;
  {
    WordGuard guard(lock);
    machine->next_of_all = all_machines;
    all_machines = machine;
  }
  processor->machine = machine;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, &ThreadMain, machine) != 0) FatalNoMemory("a thread");
  pthread_attr_destroy(&attributes);
}

void MachineLoop::RunMain(Task* task) {
  Start();
  const ThreadState outer = *Self();
  main_machine = new Machine;
  BindThread(main_machine);
  Self()->task = nullptr;
  if (TakeIdleProcessor(main_machine)) {
    Scheduler::Spawn(task);
  } else {
    Scheduler::Inject(task);
  }
  Run(main_machine);
  machine_count.fetch_sub(1, std::memory_order_relaxed);
  if (const runtime_abi::AgentServices* agent = bridge::AgentLink::Services()) agent->mark_machine(false);
  *Self() = outer;
  main_has_left.store(1, std::memory_order_release);
  FutexWake(&main_has_left);
}

void MachineLoop::MainHasEnded() {
  Stop();
  if (Self()->machine == main_machine) return;
  // Its thread returns from stray::Main, unless it computes and does not switch.
  const int64_t deadline = Now() + kMainGraceNs;
  while (main_has_left.load(std::memory_order_acquire) == 0) {
    if (Now() >= deadline) exit(main_status);
    FutexWait(&main_has_left, 0, deadline);
  }
}

void MachineLoop::Stop() {
  Scheduler::stopping_.store(true, std::memory_order_seq_cst);
  for (int i = 0; i < kMaxProcessors; ++i) {
    if (Processor* processor = ProcessorAt(i)) processor->attention.store(true, std::memory_order_relaxed);
  }
  WordGuard guard(lock);
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
  WordGuard guard(lock);
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
    tsan::Acquire(timer);
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
  if (global_count.load(std::memory_order_seq_cst) != 0) return true;
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
    WordGuard guard(lock);
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
    WordGuard guard(lock);
    if (!machine->is_idle && machine->processor == nullptr) {
      machine->wake.store(kAsleep, std::memory_order_relaxed);
      PushIdleMachine(machine);
    }
  }
  while (!Scheduler::IsStopping()) {
    bool watches = false;
    {
      WordGuard guard(lock);
      if (!machine->is_idle) break;  // somebody has given it a processor
      if (watcher == nullptr) watcher = machine;
      watches = watcher == machine;
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

void MachineLoop::Watch(Machine* machine) {
  int64_t interval_ns = kShortestWatchNs;
  for (;;) {
    int64_t deadline = WatchDeadline(interval_ns);
    // From here on who leaves a task waiting behind one that runs says so (PushNext), also if everybody is idle
    // now and the deadline is that of a timer.
    watcher_is_lazy_.store(deadline - Now() >= kLazyFromNs, std::memory_order_seq_cst);
    // Who did so just before has not: then the next look must not be far off.
    if (deadline - Now() > kPendingWatchNs && IsTaskPending()) deadline = Now() + kPendingWatchNs;
    watcher_deadline.store(deadline, std::memory_order_seq_cst);
    // A timer may have become earlier since.
    if (WatchDeadline(interval_ns) >= deadline || deadline <= Now()) {
      if (Poller::IsUsed()) {
        Poller::Wait(machine->wake, deadline);
      } else {
        FutexWait(&machine->wake, kAsleep, deadline);
      }
    }
    watcher_deadline.store(0, std::memory_order_relaxed);
    if (Scheduler::IsStopping()) return;
    const uint32_t kind = machine->wake.load(std::memory_order_acquire);
    if (kind == kHasProcessor) return;
    if (kind == kLookAgain) {
      interval_ns = kShortestWatchNs;
      uint32_t again = kLookAgain;
      machine->wake.compare_exchange_strong(again, kAsleep, std::memory_order_acquire);
    }
    if (LookAround(machine)) {
      interval_ns = kShortestWatchNs;
    } else if (interval_ns < (IsBusy() ? kLongestWatchNs : kLongestIdleWatchNs)) {
      interval_ns *= interval_ns < kPendingWatchNs ? 2 : 4;
    }
    WordGuard guard(lock);
    if (!machine->is_idle) return;
  }
}

// A task waits behind the one that a processor runs.
bool MachineLoop::IsTaskPending() {
  for (int i = 0, count = made_processors.load(std::memory_order_acquire); i < count; ++i) {
    if (Scheduler::HasLocal(ProcessorAt(i))) return true;
  }
  return false;
}

int64_t MachineLoop::WatchDeadline(int64_t interval_ns) {
  const int64_t earliest = EarliestTimer();
  if (!IsBusy() && (earliest != kNever || !CanNobodyWake())) return earliest;
  const int64_t look = Now() + interval_ns;
  return look < earliest ? look : earliest;
}

// The watcher may sleep for a timer that was stopped, or a call that is over: somebody has to find out that
// nothing can happen any more.
void MachineLoop::WakeWatcherIfAllSleep() {
  // Seldom: the watcher of a program that is fed from outside looks once a second.
  if (watcher_deadline.load(std::memory_order_seq_cst) <= Now() + kLongestIdleWatchNs) return;
  if (!IsBusy() && CanNobodyWake() && EarliestTimer() == kNever) WakeWatcher();
}

// True if nothing that we know of can make a goroutine run again, but perhaps a thread that is not ours.
bool MachineLoop::CanNobodyWake() {
  return Scheduler::outside_.load(std::memory_order_seq_cst) == 0 && !Poller::IsUsed() &&
         (Scheduler::NumGoroutines() != 0 || parked_threads.load(std::memory_order_seq_cst) != 0);
}

// The only thread that runs is this one, unless there are others that are not ours.
bool MachineLoop::AreAllAsleep() {
  const auto are = [] {
    return CanNobodyWake() && EarliestTimer() == kNever && !IsBusy() && !IsWorkAnywhere();
  };
  if (!are()) return false;
  const uint32_t wakes = thread_wakes.load(std::memory_order_seq_cst);
  const int ours =
      machine_count.load(std::memory_order_seq_cst) + parked_threads.load(std::memory_order_seq_cst);
  // A thread that is not ours may have made work, or woken another thread, and ended since.
  return CountThreads() <= ours && are() && thread_wakes.load(std::memory_order_seq_cst) == wakes;
}

bool MachineLoop::LookAround(Machine* machine) {
  const int64_t now_ns = Now();
  bool any = false, busy = false;
  const int max_procs = Scheduler::MaxProcs();
  for (int i = 0, count = made_processors.load(std::memory_order_acquire); i < count; ++i) {
    Processor* processor = ProcessorAt(i);
    if (processor == nullptr) continue;
    bool idle;
    {
      WordGuard guard(lock);
      idle = processor->machine == nullptr;
    }
    busy |= !idle;
    if (i >= max_procs && !idle) any |= EmptyRetired(processor);
    if (processor->timers.Earliest() <= now_ns) {
      any = true;
      if (!TakeIdleProcessor(machine)) {
        processor->attention.store(true, std::memory_order_relaxed);
        continue;
      }
      return true;
    }
    const uint32_t tick = processor->tick.load(std::memory_order_relaxed);
    if (tick == processor->seen_tick && !idle && processor->next.load(std::memory_order_relaxed) != nullptr) {
      TaskList one;
      if (Task* task = processor->next.exchange(nullptr, std::memory_order_acq_rel)) one.Push(task);
      InjectList(one);
      any = true;
    }
    processor->seen_tick = tick;
  }
  if (IsWorkAnywhere()) {
    Scheduler::WakeOne();
    any = true;
  }
  if (!any && !busy && AreAllAsleep()) FatalAllAsleep();
  return any;
}

// Its machine will do that at the next switch, but the current task may compute and never switch.
bool MachineLoop::EmptyRetired(Processor* processor) {
  static RunQueue taken;  // only the watcher comes here
  TaskList list;
  while (Task* task = processor->queue.StealInto(taken)) {
    list.Push(task);
    while (Task* more = taken.Pop()) list.Push(more);
  }
  if (list.head == nullptr) return false;
  InjectList(list);
  return true;
}

void MachineLoop::InjectList(TaskList& list) {
  if (list.head == nullptr) return;
  WordGuard guard(lock);
  while (Task* task = list.Pop()) global.Push(task);
  global_count.store(global.Count(), std::memory_order_seq_cst);
}

void MachineLoop::InjectAll(Task* const* tasks, uint32_t count) {
  WordGuard guard(lock);
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
  uint32_t none = 0;
  while (Scheduler::spinning_.compare_exchange_strong(none, 1, std::memory_order_seq_cst)) {
    Processor* processor;
    Machine* machine = nullptr;
    {
      WordGuard guard(lock);
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

void MachineLoop::WakeWatcher() {
  WordGuard guard(lock);
  watcher_is_lazy_.store(false, std::memory_order_relaxed);
  if (watcher == nullptr || watcher->wake.load(std::memory_order_relaxed) != kAsleep) return;
  WakeMachine(watcher, kLookAgain);
}

void MachineLoop::NoteEarlierTimer(int64_t when_ns) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const int64_t deadline = watcher_deadline.load(std::memory_order_seq_cst);
  if (deadline != 0 && when_ns < deadline) WakeWatcher();
  // From a thread that is not ours, perhaps before there is any machine.
  if (Self()->processor == nullptr && deadline == 0) WakeOne();
}

void MachineLoop::NoteDescriptor() {
  WakeWatcher();
  if (Self()->processor == nullptr && watcher_deadline.load(std::memory_order_seq_cst) == 0) WakeOne();
}

void MachineLoop::NoteThreadParked(int change) {
  if (change < 0) thread_wakes.fetch_add(1, std::memory_order_seq_cst);
  parked_threads.fetch_add(change, std::memory_order_seq_cst);
  if (change > 0 && Scheduler::IsStarted()) WakeWatcher();
}

void MachineLoop::HandOver(Processor* processor) {
  const bool has_work = !processor->queue.IsEmpty() ||
                        processor->next.load(std::memory_order_relaxed) != nullptr ||
                        global_count.load(std::memory_order_relaxed) != 0 || !processor->timers.IsEmpty();
  Machine* machine = nullptr;
  {
    WordGuard guard(lock);
    if (has_work) machine = PopIdleMachine();
    if (machine != nullptr) {
      GiveProcessor(machine, processor, false);
      return;
    }
    if (!has_work && watcher != nullptr) {
      PutDown(processor);
      return;
    }
  }
  StartMachine(processor, false);
}

bool MachineLoop::TakeIdleProcessor(Machine* machine) {
  WordGuard guard(lock);
  Processor* processor = PopIdleProcessor();
  if (processor == nullptr) return false;
  RemoveIdleMachine(machine);
  machine->processor = processor;
  processor->machine = machine;
  if (Self()->machine == machine) Self()->processor = processor;
  return true;
}

int MachineLoop::SetMaxProcs(int count) {
  Start();
  const int old = Scheduler::MaxProcs();
  if (count < 1 || count == old) return old;
  if (count > kMaxProcessors) count = kMaxProcessors;
  {
    WordGuard guard(lock);
    Scheduler::processor_count_.store(count, std::memory_order_seq_cst);
    // Those beyond `count` leave the idle list now, or when they would go there; those that come back enter it.
    Processor* kept = idle_processor_list;
    idle_processor_list = nullptr;
    Scheduler::idle_processors_.store(0, std::memory_order_seq_cst);
    while (kept != nullptr) {
      Processor* processor = kept;
      kept = processor->next_idle;
      processor->is_idle = false;
      PutDown(processor);
    }
    for (int i = 0; i < count; ++i) {
      Processor* processor = ProcessorAt(i);
      if (processor != nullptr && processor->machine == nullptr && !processor->is_idle)
        PushIdleProcessor(processor);
    }
    AddProcessors(count);
  }
  Scheduler::WakeOne();
  return old;
}

// Nobody has it from now on.
void MachineLoop::PutDown(Processor* processor) {
  processor->machine = nullptr;
  if (static_cast<int>(processor->index) < Scheduler::MaxProcs()) return PushIdleProcessor(processor);
  processor->timers.MoveTo(ProcessorAt(0)->timers);
}

Processor* MachineLoop::PopIdleProcessor() {
  Processor* processor = idle_processor_list;
  if (processor == nullptr) return nullptr;
  idle_processor_list = processor->next_idle;
  processor->is_idle = false;
  Scheduler::idle_processors_.fetch_sub(1, std::memory_order_seq_cst);
  return processor;
}

void MachineLoop::PushIdleProcessor(Processor* processor) {
  processor->machine = nullptr;
  processor->is_idle = true;
  processor->next_idle = idle_processor_list;
  idle_processor_list = processor;
  Scheduler::idle_processors_.fetch_add(1, std::memory_order_seq_cst);
}

Machine* MachineLoop::PopIdleMachine() {
  // The watcher last: then there is nobody left to watch for.
  Machine* machine = idle_machine_list;
  if (machine != nullptr && machine == watcher && machine->next_idle != nullptr) machine = machine->next_idle;
  if (machine != nullptr) RemoveIdleMachine(machine);
  return machine;
}

void MachineLoop::PushIdleMachine(Machine* machine) {
  if (machine->is_idle) return;
  machine->is_idle = true;
  machine->next_idle = idle_machine_list;
  idle_machine_list = machine;
}

void MachineLoop::RemoveIdleMachine(Machine* machine) {
  if (!machine->is_idle) return;
  machine->is_idle = false;
  if (watcher == machine) watcher = nullptr;
  for (Machine** link = &idle_machine_list; *link != nullptr; link = &(*link)->next_idle) {
    if (*link != machine) continue;
    *link = machine->next_idle;
    return;
  }
}

}  // namespace stray::runtime
