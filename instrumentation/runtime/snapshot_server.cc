// SPDX-License-Identifier: Apache-2.0
// snapshot_server.cc: the thread that the runtime lends the agent, if there is one.
#include <pthread.h>
#include <signal.h>

#include "instrumentation/bridge/agent_link.h"
#include "instrumentation/runtime/kernel.h"
#include "instrumentation/runtime/machine_loop.h"

namespace stray::runtime {
namespace {

std::atomic<uint32_t> is_ready{0};  // a futex word

void SayReady() {
  is_ready.store(1, std::memory_order_release);
  FutexWake(&is_ready);
}

}  // namespace

// The agent takes its snapshots in a thread of its own, so that no goroutine and no timer waits for them.
void MachineLoop::StartSnapshotServer() {
  const runtime_abi::AgentServices* agent = bridge::AgentLink::Services();
  if (agent == nullptr) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  machine_count_.fetch_add(1, std::memory_order_relaxed);
  StartThread(
      [](void* services) -> void* {
        pthread_setname_np(pthread_self(), "stray-snapshots");
        static_cast<const runtime_abi::AgentServices*>(services)->serve_snapshots(&SayReady);
        machine_count_.fetch_sub(1, std::memory_order_relaxed);
        return nullptr;
      },
      const_cast<runtime_abi::AgentServices*>(agent));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Until then it would be a thread of the program's that has not begun, and could still wake others.
  while (is_ready.load(std::memory_order_acquire) == 0) FutexWait(&is_ready, 0);
}

}  // namespace stray::runtime
