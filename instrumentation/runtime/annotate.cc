// SPDX-License-Identifier: Apache-2.0
// annotate.cc: tasks of schedulers that are not ours. They get records beside those of goroutines, which is
// where the agent looks; nothing here schedules.
#include "stray/annotate.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/names.h"
#include "instrumentation/runtime/noted_objects.h"
#include "instrumentation/runtime/scheduler.h"
#include "stray/go.h"

#define STRAY_PUBLIC extern "C" __attribute__((visibility("default"), noinline))

namespace stray::runtime {
namespace {

struct NotedWait {
  stray_wait why = STRAY_WAIT_UNKNOWN;
  const void* object = nullptr;
};

// Of the thread that is asked for, not of the one that a caller in the middle of a switch began on.
struct NotedThread {
  Task* task = nullptr;
  NotedWait wait;
};
[[gnu::noinline]] NotedThread& Here() {
  static thread_local NotedThread thread;
  asm volatile("");
  return thread;
}

const runtime_abi::AgentServices* Agent() {
  static const runtime_abi::AgentServices* const services = [] {
    Scheduler::AttachAgent();
    return bridge::AgentLink::Services();
  }();
  return services;
}

Task* TaskOf(stray_task* task) { return reinterpret_cast<Task*>(task); }
stray_task* HandleOf(Task* task) { return reinterpret_cast<stray_task*>(task); }

int32_t ThreadId() { return static_cast<int32_t>(KernelCall(SYS_gettid)); }

WaitReason ReasonFor(stray_wait why) {
  switch (why) {
    case STRAY_WAIT_LOCK:
      return WaitReason::kTaskLock;
    case STRAY_WAIT_READ_LOCK:
      return WaitReason::kTaskReadLock;
    case STRAY_WAIT_WRITE_LOCK:
      return WaitReason::kTaskWriteLock;
    case STRAY_WAIT_CONDITION:
      return WaitReason::kTaskCondition;
    case STRAY_WAIT_SEMAPHORE:
      return WaitReason::kTaskSemaphore;
    case STRAY_WAIT_BARRIER:
      return WaitReason::kTaskBarrier;
    case STRAY_WAIT_SEND:
      return WaitReason::kTaskSend;
    case STRAY_WAIT_RECEIVE:
      return WaitReason::kTaskReceive;
    case STRAY_WAIT_JOIN:
      return WaitReason::kTaskJoin;
    case STRAY_WAIT_FUTURE:
      return WaitReason::kTaskFuture;
    case STRAY_WAIT_SLEEP:
      return WaitReason::kSleep;
    case STRAY_WAIT_IO:
      return WaitReason::kIoWait;
    default:
      return WaitReason::kTaskWait;
  }
}

// The announced task that runs here, or the goroutine, or the thread.
uint64_t CurrentId() {
  const Task* task = Here().task;
  if (task == nullptr && GoroutineId() != 0) return GoroutineId();
  if (task != nullptr) return task->record.id.load(std::memory_order_relaxed);
  const uint32_t thread = Agent()->thread_number();
  return thread == 0 ? 0 : bridge::kThreadNumber | thread;
}

// The task of ours that runs here, null: none.
Task* CurrentOrNull() { return Here().task != nullptr ? Here().task : Self()->task; }

// `frame`: of the function that the program has called, which returns to `site`.
Task* MakeTask(const char* name, uint64_t creator, const void* site, const void* frame) {
  Task* task = Scheduler::NewTask();
  task->record.kind = bridge::kFiber;
  task->record.name = name == nullptr ? nullptr : KeepName(name);
  task->record.creator = creator;
  task->record.created_at = site;
  task->record.stack_top = nullptr;
  Task* maker = creator == 0 ? nullptr : CurrentOrNull();
  Agent()->note_creation(&task->record, maker == nullptr ? nullptr : &maker->record, site, frame);
  task->set_state(TaskState::kRunnable);
  return task;
}

}  // namespace
}  // namespace stray::runtime

using namespace stray::runtime;  // NOLINT: the functions below are the C face of it
namespace bridge = stray::bridge;

STRAY_PUBLIC stray_task* stray_task_created(const char* name) {
  if (Agent() == nullptr) return nullptr;
  return HandleOf(MakeTask(name, CurrentId(), __builtin_return_address(0), __builtin_frame_address(0)));
}

STRAY_PUBLIC stray_task* stray_thread_runs_tasks(const char* name) {
  if (Agent() == nullptr) return nullptr;
  NotedThread& here = Here();
  if (here.task != nullptr) return HandleOf(here.task);
  Task* task = MakeTask(name, 0, __builtin_return_address(0), __builtin_frame_address(0));
  if (ThreadId() == KernelCall(SYS_getpid)) task->record.flags |= bridge::kIsMain;
  Agent()->mark_machine(true);
  stray_task_running(HandleOf(task));
  return HandleOf(task);
}

STRAY_PUBLIC void stray_task_named(stray_task* handle, const char* name) {
  if (handle != nullptr) TaskOf(handle)->record.name = name == nullptr ? nullptr : KeepName(name);
}

STRAY_PUBLIC void stray_task_running(stray_task* handle) {
  if (handle == nullptr) return;
  Task* task = TaskOf(handle);
  Here().task = task;
  task->record.flags &= ~uint32_t{bridge::kNotStarted};
  task->record.tid = ThreadId();
  task->record.state.store(static_cast<uint8_t>(TaskState::kRunning), std::memory_order_release);
}

STRAY_PUBLIC void stray_task_parked_at(stray_task* handle, stray_wait why, const void* object,
                                       void* const registers[3]) {
  if (handle == nullptr) return;
  Task* task = TaskOf(handle);
  task->record.flags &= ~uint32_t{bridge::kNotStarted};
  NotedThread& here = Here();
  if (here.task == task) {
    if (why == STRAY_WAIT_UNKNOWN && here.wait.why != STRAY_WAIT_UNKNOWN) {
      why = here.wait.why;
      object = here.wait.object;
    }
    here = {};
  }
  for (int i = 0; i < 3; ++i) task->record.context[i] = registers[i];
  task->record.wait_reason = static_cast<uint16_t>(ReasonFor(why));
  task->record.wait_object = object;
  task->record.wait_since_ns = Now();
  task->record.state.store(static_cast<uint8_t>(TaskState::kWaiting), std::memory_order_release);
}

STRAY_PUBLIC void stray_task_parked(stray_task* handle, stray_wait why, const void* object) {
  void* const registers[3] = {__builtin_dwarf_cfa(), *static_cast<void**>(__builtin_frame_address(0)),
                              static_cast<char*>(__builtin_return_address(0)) - 1};
  stray_task_parked_at(handle, why, object, registers);
}

STRAY_PUBLIC void stray_task_ready(stray_task* handle) {
  if (handle == nullptr) return;
  TaskOf(handle)->record.state.store(static_cast<uint8_t>(TaskState::kRunnable), std::memory_order_release);
}

STRAY_PUBLIC void stray_task_ended(stray_task* handle) {
  if (handle == nullptr) return;
  NotedThread& here = Here();
  if (here.task == TaskOf(handle)) here = {};
  Scheduler::Discard(TaskOf(handle));
}

STRAY_PUBLIC stray_task* stray_task_current(void) { return HandleOf(Here().task); }

STRAY_PUBLIC void stray_wait_begin(stray_wait why, const void* object) { Here().wait = {why, object}; }
STRAY_PUBLIC void stray_wait_end(void) { Here().wait = {}; }

STRAY_PUBLIC void stray_acquired(const void* address) {
  if (Agent() == nullptr) return;
  NotedObject* object = NotedObjects::FindOrMake(address);
  if (object == nullptr) return;
  object->held_at.store(__builtin_return_address(0), std::memory_order_relaxed);
  object->holder.store(CurrentId(), std::memory_order_release);
}

STRAY_PUBLIC void stray_released(const void* address) {
  if (Agent() == nullptr) return;
  if (NotedObject* object = NotedObjects::Find(address)) object->holder.store(0, std::memory_order_release);
}

STRAY_PUBLIC void stray_object_named(const void* address, const char* name) {
  if (Agent() == nullptr) return;
  NotedObject* object = NotedObjects::FindOrMake(address);
  if (object != nullptr) object->name.store(KeepName(name), std::memory_order_release);
}

STRAY_PUBLIC void stray_object_gone(const void* address) {
  if (Agent() != nullptr) NotedObjects::Forget(address);
}
