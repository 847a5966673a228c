// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/overflow_handler.h"

#include <signal.h>
#include <sys/mman.h>

#include "instrumentation/runtime/panic.h"
#include "instrumentation/runtime/scheduler.h"

namespace stray::runtime {
namespace {

constexpr size_t kHandlerStack = 64 * 1024;

struct sigaction previous;

void OnFault(int signal, siginfo_t* info, void* context) {
  Task* task = Self()->task;
  if (task != nullptr && task->is_goroutine() && IsInGuard(info->si_addr)) FatalStackOverflow(task);
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) return previous.sa_handler(signal);
  // As if we had never been there: the fault happens again.
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void InstallOverflowHandler() {
  struct sigaction action = {};
  action.sa_sigaction = &OnFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previous);
}

void PrepareOverflowStack() {
  stack_t current = {};
  if (sigaltstack(nullptr, &current) == 0 && (current.ss_flags & SS_DISABLE) == 0) return;
  void* memory = mmap(nullptr, kHandlerStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t own = {};
  own.ss_sp = memory;
  own.ss_size = kHandlerStack;
  sigaltstack(&own, nullptr);
}

}  // namespace stray::runtime
