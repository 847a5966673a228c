// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/panic.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#include <exception>
#include <typeinfo>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/scheduler.h"
#include "instrumentation/tsan/happens_before.h"

namespace stray::runtime {
namespace {

constexpr int kExitStatus = 2;
constexpr int kMostFrames = 100;
constexpr uint64_t kMostTasks = 1000;  // whose stacks are printed

std::atomic<bool> dying{false};

[[gnu::format(printf, 1, 2)]] void Print(const char* format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  const int size = vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  if (size > 0)
    WriteError(line, static_cast<size_t>(size) < sizeof(line) ? static_cast<size_t>(size) : sizeof(line) - 1);
}

// One thread has the last word; all others stop here.
void BeginToDie(bool all_asleep = false) {
  if (dying.exchange(true)) {
    for (;;) pause();
  }
  tsan::IgnoreAccesses(
      true);  // what others wrote, the names of goroutines for one, is read without asking them
  if (const runtime_abi::AgentServices* agent = bridge::AgentLink::Services()) agent->report_death(all_asleep);
}

[[noreturn]] void Die() {
  // What the program has printed should be seen, if nobody is in the middle of printing.
  if (ftrylockfile(stdout) == 0) {
    fflush_unlocked(stdout);
    funlockfile(stdout);
  }
  tsan::IgnoreAccesses(false);  // TSan complains of a thread that ends so
  _exit(kExitStatus);
}

void PrintAddress(const void* pc, bool is_return) {
  // A return address may be the first one of the next function.
  const auto* inside = static_cast<const char*>(pc) - (is_return ? 1 : 0);
  Dl_info info = {};
  if (dladdr(inside, &info) == 0) {
    Print("\t%p\n", pc);
    return;
  }
  const ptrdiff_t offset = inside - static_cast<const char*>(info.dli_fbase);
  // Functions that are not exported have no name here: -rdynamic gives them one, and so does stray's own
  // report.
  char* name =
      info.dli_sname == nullptr ? nullptr : abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, nullptr);
  const char* shown = name != nullptr ? name : info.dli_sname;
  if (shown != nullptr) {
    Print("%s\n\t%s +0x%tx\n", shown, info.dli_fname, offset);
  } else {
    Print("\t%s +0x%tx\n", info.dli_fname, offset);
  }
  free(name);
}

struct Walk {
  int skip;
  int frames;
};

_Unwind_Reason_Code PrintFrame(_Unwind_Context* context, void* argument) {
  auto* walk = static_cast<Walk*>(argument);
  int before_instruction = 0;
  const uintptr_t pc = _Unwind_GetIPInfo(context, &before_instruction);
  if (pc == 0) return _URC_END_OF_STACK;
  if (walk->skip > 0) {
    --walk->skip;
    return _URC_NO_REASON;
  }
  if (++walk->frames > kMostFrames) {
    Print("...additional frames elided...\n");
    return _URC_END_OF_STACK;
  }
  PrintAddress(reinterpret_cast<void*>(pc), before_instruction == 0);
  return _URC_NO_REASON;
}

void PrintHead(const Task* task, const char* state) {
  const char* kind = task->is_goroutine() ? "goroutine" : "thread";
  if (task->record.name != nullptr) {
    Print("\n%s %lu \"%s\" [%s]:\n", kind, task->record.id.load(), task->record.name, state);
  } else {
    Print("\n%s %lu [%s]:\n", kind, task->record.id.load(), state);
  }
}

void PrintCreator(const Task* task) {
  if (task->record.created_at == nullptr) return;
  const uint64_t creator = task->record.creator;
  if (creator == 0 || (creator & bridge::kThreadNumber) != 0) {
    Print("created by a thread at ");
  } else {
    Print("created by goroutine %lu at ", creator);
  }
  PrintAddress(task->record.created_at, true);
}

void PrintOwnStack(int skip) {
  Walk walk = {skip, 0};
  _Unwind_Backtrace(&PrintFrame, &walk);
}

// The stack of a parked goroutine is walked on that very stack, by the same unwinder as any other. Where it
// switched, as Go's gopark, is nobody's business, and another place if there was no other goroutine to switch
// to.
Context printer;
void PrintFromInside() {
  PrintOwnStack(2);
  Context nowhere;
  SwitchContext(&nowhere, &printer);
  __builtin_unreachable();
}

[[gnu::noinline]] void PrintParkedStack(Task* task) {
  const Context inside = AsCall(task->context(), &PrintFromInside);
  SwitchContext(&printer, &inside);
}

const char* StateWord(const Task* task) {
  switch (task->state()) {
    case TaskState::kRunnable:
      return "runnable";
    case TaskState::kRunning:
      return "running";
    case TaskState::kInCall:
      return "syscall";
    default:
      return WaitReasonWord(static_cast<WaitReason>(task->record.wait_reason));
  }
}

struct Others {
  const Task* except;
  uint64_t printed;
};

void PrintTask(Task* task, void* argument) {
  auto* others = static_cast<Others*>(argument);
  if (task->record.kind == bridge::kFiber) return;  // not ours
  if (task == others->except || task->record.id.load() == 0 || task->state() == TaskState::kDead) return;
  if (++others->printed > kMostTasks) return;
  PrintHead(task, StateWord(task));
  if (!task->is_goroutine() || task->state() == TaskState::kRunning || task->state() == TaskState::kInCall) {
    Print("\t%s running on other thread; stack unavailable\n", task->is_goroutine() ? "goroutine" : "thread");
  } else if ((task->record.flags & bridge::kNotStarted) == 0) {
    PrintParkedStack(task);
  }
  PrintCreator(task);
}

void PrintOthers(const Task* except) {
  Others others = {except, 0};
  Scheduler::ForEachTask(&PrintTask, &others);
  if (others.printed > kMostTasks) Print("\n...%lu more goroutines...\n", others.printed - kMostTasks);
}

[[noreturn, gnu::noinline]] void DieWith(const char* kind, const char* text, bool with_others, int skip) {
  BeginToDie();
  Print("%s: %s\n", kind, text);
  Task* task = Self()->task;
  if (task != nullptr) {
    PrintHead(task, "running");
  } else {
    Print("\nruntime:\n");
  }
  PrintOwnStack(skip);
  if (task != nullptr) PrintCreator(task);
  if (with_others) PrintOthers(task);
  Die();
}

void TellAgent(const Misuse& misuse) {
  const runtime_abi::AgentServices* agent = bridge::AgentLink::Services();
  if (agent == nullptr || dying.load()) return;
  const Task* task = Self()->task;
  agent->report_misuse(static_cast<uint32_t>(misuse.kind), misuse.call,
                       task == nullptr ? 0 : task->record.id.load(), static_cast<uint16_t>(misuse.reason),
                       misuse.object);
}

std::terminate_handler previous_handler = nullptr;

[[noreturn]] void OnTerminate() {
  const Task* task = Self()->task;
  if (task != nullptr && task->is_goroutine() && !dying.load()) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    char* name = type == nullptr ? nullptr : abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr);
    Print("panic: uncaught exception%s%s in goroutine %lu%s%s%s\n", name != nullptr ? " of type " : "",
          name != nullptr ? name : "", task->record.id.load(), task->record.name != nullptr ? " \"" : "",
          task->record.name != nullptr ? task->record.name : "", task->record.name != nullptr ? "\"" : "");
    PrintHead(task, "running");
    PrintOwnStack(1);
    PrintCreator(task);
  }
  if (previous_handler != nullptr) previous_handler();
  abort();
}

}  // namespace

void PanicOver(const Misuse& misuse, const char* text) {
  TellAgent(misuse);
  DieWith("panic", text, false, 3);
}
void FatalOver(const Misuse& misuse, const char* text) {
  TellAgent(misuse);
  DieWith("fatal error", text, false, 3);
}
void PanicWith(const char* text) { DieWith("panic", text, false, 3); }
void FatalError(const char* text) { DieWith("fatal error", text, false, 3); }

void FatalAllAsleep() {
  BeginToDie(true);
  Print("fatal error: all goroutines are asleep - deadlock!\n");
  PrintOthers(nullptr);
  Die();
}

void FatalStackOverflow(Task* task) {
  BeginToDie();
  Print(
      "fatal error: stack overflow\n\nstray: goroutine %lu%s%s%s exceeds its stack of %zu bytes "
      "(STRAY_STACK_SIZE)\n",
      task->record.id.load(), task->record.name != nullptr ? " \"" : "",
      task->record.name != nullptr ? task->record.name : "", task->record.name != nullptr ? "\"" : "",
      StackSize());
  PrintHead(task, "running");
  PrintOwnStack(2);
  PrintCreator(task);
  Die();
}

void FatalNoStack(Task* task) {
  BeginToDie();
  Print("fatal error: out of memory: no stack for goroutine %lu (%lu goroutines)\n", task->record.id.load(),
        Scheduler::NumGoroutines());
  Die();
}

void FatalNoMemory(const char* what) {
  BeginToDie();
  Print("fatal error: out of memory: no room for %s (%lu goroutines)\n", what, Scheduler::NumGoroutines());
  Die();
}

void FatalAfterEnd() { DieWith("fatal error", "goroutine started after the runtime has ended", false, 2); }

void FatalInCall(Task*) {
  DieWith("fatal error", "channel, lock or timer of the runtime used inside BlockingCall", false, 2);
}

void InstallTerminateHandler() { previous_handler = std::set_terminate(&OnTerminate); }

const char* WaitReasonWord(WaitReason reason) {
  switch (reason) {
#define STRAY_WAIT_REASON(number, enumerator, word, waker, object_kind) \
  case WaitReason::enumerator:                                          \
    return word;
#include "agent/wire/wait_reasons.inc"
#undef STRAY_WAIT_REASON
  }
  return "waiting";
}

}  // namespace stray::runtime
