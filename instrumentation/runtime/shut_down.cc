// SPDX-License-Identifier: Apache-2.0
// shut_down.cc: stray::Runtime: the end of the scheduler, and another beginning. In between, all of it stands
// still: tasks stay in their queues, timers in their heaps, and whoever begins anew finds them there.
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/machine_loop.h"
#include "instrumentation/runtime/panic.h"
#include "instrumentation/tsan/happens_before.h"
#include "stray/runtime.h"

namespace stray {

namespace runtime {
namespace {

constexpr int64_t kShortestLookNs = 20'000, kLongestLookNs = 2'000'000;
constexpr int64_t kComputingGraceNs = 100'000'000;

std::atomic<bool> has_runtime{false};

// True once `is_done` is; false at the deadline.
template <typename Condition>
bool Await(int64_t deadline_ns, Condition is_done) {
  const uint32_t nobody_writes_this = 0;
  for (int64_t look_ns = kShortestLookNs;; look_ns = look_ns < kLongestLookNs ? 2 * look_ns : look_ns) {
    if (is_done()) return true;
    const int64_t now_ns = Now();
    if (now_ns >= deadline_ns) return false;
    FutexWait(&nobody_writes_this, 0, deadline_ns - now_ns < look_ns ? deadline_ns : now_ns + look_ns);
  }
}

bool IsGone(const Machine* machine) {
  return machine->is_over.load(std::memory_order_acquire) != 0 &&
         KernelCall(SYS_tgkill, getpid(), machine->tid, 0) == -ESRCH;
}

}  // namespace

std::atomic<bool> MachineLoop::is_shut_down_{false};

bool MachineLoop::AreMachinesGone() {
  Machine* machine;
  {
    WordGuard guard(lock_);
    machine = all_machines_;
  }
  // The list only grows at its head, and not any more.
  for (; machine != nullptr; machine = machine->next_of_all) {
    if (machine->is_known_gone) continue;
    if (!IsGone(machine)) return false;
    machine->is_known_gone = true;
  }
  return true;
}

size_t MachineLoop::ShutDown(int64_t timeout_ns) {
  const int64_t deadline_ns = Later(Now(), timeout_ns < 0 ? 0 : timeout_ns);
  Await(deadline_ns, [] { return Scheduler::NumGoroutines() == 0 || IsQuiet(); });
  is_shut_down_.store(true, std::memory_order_relaxed);
  Stop();
  Await(Later(deadline_ns, kComputingGraceNs), &AreMachinesGone);
  tsan::Acquire(&main_status);
  tsan::Acquire(&Scheduler::has_finished);
  return Scheduler::NumGoroutines();
}

void MachineLoop::BeginAgain() {
  if (!Scheduler::IsStopping()) return Start();
  if (!AreMachinesGone()) FatalError("stray::Runtime made while a goroutine of the one before still computes");
  {
    WordGuard guard(lock_);
    watcher_ = nullptr;
    Scheduler::spinning_.store(0, std::memory_order_seq_cst);
    for (Machine* machine = all_machines_; machine != nullptr; machine = machine->next_of_all)
      machine->is_idle = false;
    NobodyHasProcessors();
    is_shut_down_.store(false, std::memory_order_relaxed);
    Scheduler::stopping_.store(false, std::memory_order_seq_cst);
  }
  Scheduler::WakeOne();
}

}  // namespace runtime

Runtime::Runtime(RuntimeOptions options) {
  if (runtime::has_runtime.exchange(true)) runtime::FatalError("there is a stray::Runtime already");
  runtime::MachineLoop::BeginAgain();
  runtime::Scheduler::SetMaxProcs(options.max_procs);
}

Runtime::~Runtime() { Shutdown(); }

size_t Runtime::Shutdown(std::chrono::nanoseconds timeout) {
  if (is_over_) return left_;
  if (runtime::Self()->machine != nullptr) runtime::FatalError("stray::Runtime shut down by a goroutine");
  is_over_ = true;
  left_ = runtime::MachineLoop::ShutDown(timeout.count());
  runtime::has_runtime.store(false);
  return left_;
}

}  // namespace stray
