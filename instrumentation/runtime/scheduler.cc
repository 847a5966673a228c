// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/scheduler.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <mutex>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/describe.h"
#include "instrumentation/runtime/held_locks.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/labels.h"
#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/object_uses.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/processor_quota.h"
#include "instrumentation/runtime/release_clock.h"
#include "instrumentation/runtime/sanitizer_fiber.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/tsan/fibers.h"
#include "instrumentation/tsan/happens_before.h"

extern "C" {
thread_local constinit stray::runtime::ThreadState stray_runtime_thread_state = {};
}

namespace stray::runtime {
namespace {

constexpr uint32_t kGlobalEvery = 64;    // switches, then the global queue and the timers have a turn
constexpr uint32_t kTimersEvery = 8;     // ... where there are timers
constexpr uint32_t kLongestStreak = 32;  // of tasks that go before the queue
constexpr uint64_t kIdBundle = 16;
constexpr uint32_t kChunkTasks = 512;
constexpr size_t kMaxChunks = 1 << 16;
constexpr uint32_t kFreeMost = 512;

Task* chunks[kMaxChunks];
std::atomic<size_t> chunk_count{0};
TaskList free_tasks;  // of all; guarded by task_lock
uint32_t used_of_last = 0;
std::atomic<uint64_t> next_id{1};
WordLock task_lock;

// Called with task_lock held; null if there is no memory.
Task* MakeTask() {
  size_t count = chunk_count.load(std::memory_order_relaxed);
  if (count == 0 || used_of_last == kChunkTasks) {
    if (count == kMaxChunks) return nullptr;
    // Without libc: TSan would see a write to all of it, which nothing orders.
    const long mapped = KernelCall(SYS_mmap, 0, sizeof(Task) * kChunkTasks, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped < 0) return nullptr;
    auto* memory = reinterpret_cast<void*>(mapped);
    tsan::AddRoots(memory, sizeof(Task) * kChunkTasks);
    chunks[count++] = static_cast<Task*>(memory);
    used_of_last = 0;
    chunk_count.store(count, std::memory_order_release);
  }
  // Memory of the kernel is zero, and so is a new Task: readers may look at those beyond used_of_last.
  return &chunks[count - 1][used_of_last++];
}

// Fetches the one after it into the caches: of many free tasks each is found through the one before.
Task* PopFree(TaskList& list) {
  Task* task = list.Pop();
  Prefetch(list.head);
  return task;
}

Task* TakeShared() {
  WordGuard guard(task_lock);
  Task* task = PopFree(free_tasks);
  return task != nullptr ? task : MakeTask();
}

uint64_t NewId(Processor* processor) {
  if (processor == nullptr) return next_id.fetch_add(1, std::memory_order_relaxed);
  if (processor->ids_left == 0) {
    processor->next_id = next_id.fetch_add(kIdBundle, std::memory_order_relaxed);
    processor->ids_left = kIdBundle;
  }
  --processor->ids_left;
  return processor->next_id++;
}

void Add(std::atomic<uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// Goroutines that were started or ended by threads without a processor.
std::atomic<uint64_t> outside_started{0};

void PushQueue(Processor* processor, Task* task) {
  while (!processor->queue.Push(task)) {
    Task* half[RunQueue::kSize / 2];
    MachineLoop::InjectAll(half, processor->queue.TakeHalf(half));
  }
}

runtime_abi::GoroutineRecord* CurrentRecord() {
  Task* task = Self()->task;
  return task != nullptr && task->is_goroutine() ? &task->record : nullptr;
}

// What few tasks need.
[[gnu::noinline]] void FinishSlow(Task* task) {
  if ((task->record.flags & bridge::kHasUsed) != 0)
    EndTimes::Note(task->record.id.load(std::memory_order_relaxed));
  if ((task->record.flags & bridge::kIsMain) != 0) MachineLoop::MainHasEnded();
}

}  // namespace

char Scheduler::has_finished;
std::atomic<bool> Scheduler::stopping_{false};
std::atomic<int> Scheduler::processor_count_{0};
std::atomic<uint32_t> Scheduler::idle_processors_{0};
std::atomic<uint32_t> Scheduler::spinning_{0};
std::atomic<int> Scheduler::outside_{0};

Task* Scheduler::NewTask() {
  Processor* processor = Self()->processor;
  Task* task = processor == nullptr ? nullptr : PopFree(processor->free_tasks);
  if (task == nullptr) task = TakeShared();
  if (task == nullptr) FatalNoMemory("a goroutine");
  task->record.kind = bridge::kGoroutine;
  task->record.flags = bridge::kNotStarted;
  task->record.name = nullptr;
  task->record.creation = 0;
  task->record.life = {};
  task->record.acquired_at = ReleaseClock::Now();
  task->record.wait_reason = 0;
  task->stack = {};
  task->exceptions[0] = task->exceptions[1] = nullptr;
  task->fake_stack = nullptr;
  task->record.id.store(NewId(processor), std::memory_order_release);
  return task;
}

void Scheduler::Spawn(Task* task) {
  if (IsStopping()) FatalAfterEnd();
  if (SeededOrder::IsOn()) [[unlikely]]
    SeededOrder::NoteStarted(task);
  if (tsan::HasTsan()) [[unlikely]]
    task->sanitizer_fiber = MakeSanitizerFiber(task);
  task->set_state(TaskState::kRunnable);
  Processor* processor = Self()->processor;
  if (processor != nullptr) [[likely]] {
    Add(processor->started);
    PushNext(processor, task);
    return;
  }
  Start();
  outside_started.fetch_add(1, std::memory_order_relaxed);
  Inject(task);
}

void Scheduler::Discard(Task* task) {
  HeldLocks::Clear(task);
  Labels::Drop(task);
  task->record.id.store(0, std::memory_order_relaxed);
  task->set_state(TaskState::kDead);
  task->stack = {};
  WordGuard guard(task_lock);
  free_tasks.Push(task);
}

void Scheduler::Finish(Processor* processor, Task* task) {
  if ((task->record.flags & (bridge::kIsMain | bridge::kHasUsed)) != 0) [[unlikely]]
    FinishSlow(task);
  tsan::Release(&has_finished);
  Add(processor->finished);
  ReleaseClock::NoteRelease(task);
  HeldLocks::Clear(task);
  HeldLocks::Clear(task);
  Labels::Drop(task);
  task->record.id.store(0, std::memory_order_relaxed);
  task->set_state(TaskState::kDead);
  task->stack = {};
  processor->free_tasks.Push(task);
  if (processor->free_tasks.count <= kFreeMost) [[likely]]
    return;
  WordGuard guard(task_lock);
  for (uint32_t i = 0; i < kFreeMost / 2; ++i) free_tasks.Push(processor->free_tasks.Pop());
}

Task* Scheduler::PickLocal(Processor* processor) {
  const uint32_t tick = processor->tick.load(std::memory_order_relaxed) + 1;
  processor->tick.store(tick, std::memory_order_relaxed);
  const uint32_t every = processor->timers.IsEmpty() ? kGlobalEvery : kTimersEvery;
  if (tick % every == 0) [[unlikely]]
    return nullptr;
  if (processor->attention.load(std::memory_order_relaxed)) [[unlikely]]
    return nullptr;
  if (processor->next.load(std::memory_order_relaxed) != nullptr && processor->next_streak < kLongestStreak) {
    Task* next = processor->next.exchange(nullptr, std::memory_order_acq_rel);
    if (next != nullptr) {
      ++processor->next_streak;
      return next;
    }
  }
  processor->next_streak = 0;
  if (Task* task = processor->queue.Pop(); task != nullptr) return task;
  if (processor->next.load(std::memory_order_relaxed) == nullptr) return nullptr;
  return processor->next.exchange(nullptr, std::memory_order_acq_rel);
}

void Scheduler::PushNext(Processor* processor, Task* task) {
  Task* displaced = processor->next.exchange(task, std::memory_order_acq_rel);
  if (displaced == nullptr) {
    if (MachineLoop::IsWatcherLazy()) [[unlikely]]
      WakeWatcher();
    return;
  }
  PushQueue(processor, displaced);
  WakeOne();
}

void Scheduler::PushLast(Processor* processor, Task* task) {
  PushQueue(processor, task);
  if (MachineLoop::IsWatcherLazy()) [[unlikely]]
    WakeWatcher();
}

void Scheduler::Inject(Task* task) {
  TaskList one;
  one.Push(task);
  MachineLoop::InjectList(one);
  WakeOne();
}

void Scheduler::WakeOneSlow() { MachineLoop::WakeOne(); }
void Scheduler::WakeWatcher() { MachineLoop::WakeWatcher(); }
void Scheduler::HandOver(Processor* processor) { MachineLoop::HandOver(processor); }
bool Scheduler::TakeIdleProcessor(Machine* machine) { return MachineLoop::TakeIdleProcessor(machine); }
void Scheduler::NoteThreadParked(int change) { MachineLoop::NoteThreadParked(change); }
void Scheduler::Start() { MachineLoop::Start(); }
void Scheduler::Stop() { MachineLoop::Stop(); }
bool Scheduler::IsStarted() { return processor_count_.load(std::memory_order_acquire) != 0; }
void Scheduler::RunMain(Task* task) { MachineLoop::RunMain(task); }
void Scheduler::SetMainStatus(int status) { MachineLoop::main_status = status; }
int Scheduler::SetMaxProcs(int count) { return MachineLoop::SetMaxProcs(count); }
Processor* Scheduler::ProcessorAt(int index) { return MachineLoop::ProcessorAt(index); }

uint64_t Scheduler::NumGoroutines() {
  // Ended ones first: one that starts meanwhile is counted, one that ends meanwhile as well.
  uint64_t finished = 0;
  for (int i = 0; i < kMaxProcessors; ++i) {
    if (const Processor* processor = ProcessorAt(i))
      finished += processor->finished.load(std::memory_order_acquire);
  }
  uint64_t started = outside_started.load(std::memory_order_acquire);
  for (int i = 0; i < kMaxProcessors; ++i) {
    if (const Processor* processor = ProcessorAt(i))
      started += processor->started.load(std::memory_order_acquire);
  }
  return started > finished ? started - finished : 0;
}

void Scheduler::ForEachTask(void (*visit)(Task* task, void* argument), void* argument) {
  for (size_t i = 0, count = chunk_count.load(std::memory_order_acquire); i < count; ++i) {
    for (uint32_t j = 0; j < kChunkTasks; ++j) visit(&chunks[i][j], argument);
  }
}

void Scheduler::AttachAgent() {
  static const runtime_abi::RuntimeDescriptor descriptor = {
      .abi = runtime_abi::kRuntimeAbi,
      .record_stride = sizeof(Task),
      .chunk_records = kChunkTasks,
      .reserved = 0,
      .chunks = reinterpret_cast<const void* const*>(chunks),
      .chunk_count = &chunk_count,
      .describe = &DescribeObject,
      .cases = &CasesOf,
      .pending_calls = &PendingCalls(),
      .release_clock = &ReleaseClock::Word(),
      .current = &CurrentRecord,
      .stack_piece = &StackPiece,
      .stack_bytes = &StackSize,
  };
  static_assert(offsetof(Task, record) == 0);
  static std::once_flag once;
  std::call_once(once, [] {
    bridge::AgentLink::Attach(&descriptor);
    if (bridge::AgentLink::Services() != nullptr) HeldLocks::StartWatching();
  });
}

int MainStatus() { return MachineLoop::main_status; }

void StartTimer(Timer* timer) {
  Processor* processor = Self()->processor;
  if (processor == nullptr) {
    if (MachineLoop::IsShutDown()) FatalError("timer started after the runtime has ended");
    Scheduler::Start();
    processor = Scheduler::ProcessorAt(0);
  }
  if (processor->timers.Add(timer)) MachineLoop::NoteEarlierTimer(timer->when_ns);
}

}  // namespace stray::runtime
