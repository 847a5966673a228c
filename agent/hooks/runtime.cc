// SPDX-License-Identifier: Apache-2.0
// runtime.cc: the one thing a goroutine runtime asks of the agent: agent/wire/runtime_abi.h.
#include "agent/agent.h"
#include "agent/hooks/real.h"
#include "agent/hooks/signals.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/stacks.h"

namespace stray::agent {
namespace {

constexpr int kPanicStatus = 2;

void MarkMachine(bool is_machine) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return;
  if (is_machine) {
    thread->record->flags |= wire::kTaskMachine;
  } else {
    thread->record->flags &= ~uint32_t{wire::kTaskMachine};
  }
}

void ReportRuntimeMisuse(uint32_t kind, const char* call, uint64_t task, uint16_t wait_reason,
                         const void* object) {
  InsideAgent inside;
  ReportMisuse(inside, tls.self,
               {.kind = static_cast<wire::MisuseKind>(kind),
                .call = call,
                .object = Goroutines::Object(inside, wait_reason, object),
                .task = Goroutines::Task(task)});
}

void ServeSnapshots(void (*ready)()) {
  Thread* thread = CurrentThread();
  if (thread != nullptr) thread->record->flags |= wire::kTaskAgent;
  ready();
  if (thread == nullptr) return;
  InsideAgent inside;
  Signals::ServeRequests(inside);
}

uint32_t ThreadNumber() {
  const Thread* thread = CurrentThread();
  return thread == nullptr ? 0 : thread->record->serial;
}

uint32_t CaptureStack() {
  InsideAgent inside;
  return Stacks::CaptureHere(inside);
}

void ReportDeath(bool all_asleep) {
  Agent::Finish(all_asleep ? wire::SnapshotReason::kHang : wire::SnapshotReason::kCrash, kPanicStatus);
}

runtime_abi::AgentServices services = {.abi = runtime_abi::kRuntimeAbi,
                                       .settle_ms = 0,
                                       .mark_machine = &MarkMachine,
                                       .report_misuse = &ReportRuntimeMisuse,
                                       .report_death = &ReportDeath,
                                       .serve_snapshots = &ServeSnapshots,
                                       .thread_number = &ThreadNumber,
                                       .capture_stack = &CaptureStack};

}  // namespace
}  // namespace stray::agent

STRAY_EXPORT const stray::runtime_abi::AgentServices* stray_agent_attach(
    const stray::runtime_abi::RuntimeDescriptor* runtime) {
  using namespace stray::agent;  // NOLINT: this is the agent's C face
  if (CurrentThread() == nullptr || !Goroutines::Attach(runtime)) return nullptr;
  services.settle_ms = static_cast<uint32_t>(Agent::GetOptions().settle_ms);
  return &services;
}
