// SPDX-License-Identifier: Apache-2.0
// machine_lists.cc: processors that nobody has, and machines that sleep.
#include <new>

#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/seeded_order.h"
#include "instrumentation/runtime/timer_clock.h"

namespace stray::runtime {
namespace {

Processor* idle_processor_list = nullptr;  // guarded by lock
Machine* idle_machine_list = nullptr;      // guarded by lock

}  // namespace

void MachineLoop::AddProcessors(int count) {
  for (int i = 0; i < count; ++i) {
    if (ProcessorAt(i) != nullptr) continue;
    auto* processor = new (std::align_val_t{64}) Processor;
    processor->index = static_cast<uint32_t>(i);
    processor->random = 0x9E3779B97F4A7C15u * static_cast<uint64_t>(i + 1) ^ static_cast<uint64_t>(Now());
    if (SeededOrder::IsOn()) {
      processor->random = SeededOrder::RandomForSelect();
      processor->attention.store(true, std::memory_order_relaxed);  // for ever: FindSeeded() decides each time
    }
    processor->now_ns = Now();
    processors_[i].store(processor, std::memory_order_release);
    made_processors_.store(i + 1, std::memory_order_release);
    PushIdleProcessor(processor);
  }
}

int MachineLoop::SetMaxProcs(int count) {
  Start();
  const int old = Scheduler::MaxProcs();
  if (count < 1 || count == old || SeededOrder::IsOn()) return old;
  if (count > kMaxProcessors) count = kMaxProcessors;
  {
    WordGuard guard(lock_);
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

// All machines are gone.
void MachineLoop::NobodyHasProcessors() {
  idle_machine_list = nullptr;
  idle_processor_list = nullptr;
  Scheduler::idle_processors_.store(0, std::memory_order_seq_cst);
  for (int i = 0, count = made_processors_.load(std::memory_order_acquire); i < count; ++i) {
    ProcessorAt(i)->is_idle = false;
    PutDown(ProcessorAt(i));
  }
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
  if (SeededOrder::IsOn()) TimerClock::NoteTaken(processor->timers.Earliest());
  Scheduler::idle_processors_.fetch_sub(1, std::memory_order_seq_cst);
  return processor;
}

void MachineLoop::PushIdleProcessor(Processor* processor) {
  processor->machine = nullptr;
  processor->is_idle = true;
  processor->next_idle = idle_processor_list;
  idle_processor_list = processor;
  if (SeededOrder::IsOn()) TimerClock::NoteIdle();
  Scheduler::idle_processors_.fetch_add(1, std::memory_order_seq_cst);
}

Machine* MachineLoop::PopIdleMachine() {
  // The watcher last: then there is nobody left to watch for.
  Machine* machine = idle_machine_list;
  if (machine != nullptr && machine == watcher_ && machine->next_idle != nullptr) machine = machine->next_idle;
  if (machine != nullptr) RemoveIdleMachine(machine);
  return machine;
}

bool MachineLoop::HasWatcher() {
  if (watcher_ == nullptr && idle_machine_list != nullptr) WakeMachine(idle_machine_list, kLookAgain);
  return watcher_ != nullptr || idle_machine_list != nullptr;
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
  if (watcher_ == machine) watcher_ = nullptr;
  for (Machine** link = &idle_machine_list; *link != nullptr; link = &(*link)->next_idle) {
    if (*link != machine) continue;
    *link = machine->next_idle;
    return;
  }
}

}  // namespace stray::runtime
