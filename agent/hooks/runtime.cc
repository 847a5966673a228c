// SPDX-License-Identifier: Apache-2.0
// runtime.cc: the one thing a goroutine runtime asks of the agent: agent/wire/runtime_abi.h.
#include "agent/agent.h"
#include "agent/hooks/real.h"
#include "agent/hooks/signals.h"
#include "agent/recorder/box.h"
#include "agent/recorder/creations.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/lives.h"
#include "agent/recorder/lock_order.h"
#include "agent/recorder/misuse.h"
#include "agent/recorder/sites.h"
#include "agent/recorder/trace.h"
#include "agent/recorder/trace_tap.h"
#include "agent/recorder/wait_profile.h"

namespace stray::agent {
namespace {

constexpr int kPanicStatus = 2;

void MarkMachine(bool is_machine) {
  Thread* thread = CurrentThread();
  if (thread == nullptr) return;
  if (is_machine) {
    thread->record->flags |= wire::kTaskMachine;
    Trace::NoteMachine(thread);
  } else {
    thread->record->flags &= ~uint32_t{wire::kTaskMachine};
  }
}

void MakeMachines(bool makes_them) {
  if (Thread* thread = CurrentThread(); thread != nullptr) thread->makes_machines = makes_them;
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

Caller CallerAt(const void* pc, const void* frame) {
  return {reinterpret_cast<uint64_t>(pc), static_cast<const uint64_t*>(frame)};
}

// The calling thread, if what the runtime tells belongs into this box: in a forked child its records, and all
// numbers in them, are the parent's.
Thread* TellingThread() { return Goroutines::IsAttached() ? CurrentThread() : nullptr; }

void NoteCreation(runtime_abi::GoroutineRecord* child, runtime_abi::GoroutineRecord* creator, const void* pc,
                  const void* frame) {
  Thread* thread = TellingThread();
  if (thread == nullptr) return;
  InsideAgent inside;  // a snapshot must not stop us where we have a lock of the box
  const bool by_goroutine = creator != nullptr && creator->kind != runtime_abi::kThread;
  child->test = by_goroutine ? creator->test : thread->record->test;
  child->creation = Creations::Note(thread, creator == nullptr ? 0 : creator->creation, CallerAt(pc, frame));
  Lives::Fork(thread, child, creator);
}

uint64_t SiteOfCall(const void* pc, const void* frame) {
  Thread* thread = TellingThread();
  return thread == nullptr ? reinterpret_cast<uint64_t>(pc) : SiteOf(thread, CallerAt(pc, frame), kRuntimeRule);
}

void NoteLockOrder(runtime_abi::GoroutineRecord* task, const runtime_abi::HeldLock* held, uint32_t count,
                   const runtime_abi::HeldLock* wanted) {
  Thread* thread = TellingThread();
  if (thread == nullptr) return;
  InsideAgent inside;
  RecordGoroutineChain(inside, thread, task, held, count, *wanted, Goroutines::ReleaseClock());
}

uint64_t WholeSiteOfCall(const void* pc, const void* frame) {
  Thread* thread = TellingThread();
  if (thread == nullptr) return reinterpret_cast<uint64_t>(pc);
  InsideAgent inside;
  const uint32_t stack = Creations::StackAt(thread, CallerAt(pc, frame));
  return stack == 0 ? reinterpret_cast<uint64_t>(pc) : wire::kSiteIsStack | stack;
}

void KeepLife(runtime_abi::GoroutineRecord* task) {
  if (TellingThread() == nullptr) return;
  InsideAgent inside;
  Lives::Number(task);
}

void NoteTold(runtime_abi::GoroutineRecord* task, std::atomic<uint32_t>* list) {
  if (TellingThread() == nullptr) return;
  InsideAgent inside;
  Lives::Tell(task, list);
}

void NoteJoined(runtime_abi::GoroutineRecord* task, uint32_t number, bool is_list) {
  Thread* thread = TellingThread();
  if (thread == nullptr) return;
  InsideAgent inside;
  Lives::Join(thread, task, number, is_list);
}

void BeginWait(uint16_t wait_reason, const void* object, runtime_abi::BegunWait* out) {
  if (TellingThread() == nullptr) return;
  const InsideAgent inside;
  *out = WaitProfile::Begin(inside, static_cast<wire::WaitReason>(wait_reason), object);
}

void EndWait(const runtime_abi::GoroutineRecord* task, const runtime_abi::BegunWait& begun) {
  if (TellingThread() == nullptr) return;
  const InsideAgent inside;
  WaitProfile::End(inside, static_cast<wire::WaitReason>(task->wait_reason), begun,
                   static_cast<uint64_t>(task->wait_since_ns));
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
                                       .note_creation = &NoteCreation,
                                       .site_of = &SiteOfCall,
                                       .note_lock_order = &NoteLockOrder,
                                       .whole_site_of = &WholeSiteOfCall,
                                       .keep_life = &KeepLife,
                                       .note_told = &NoteTold,
                                       .note_joined = &NoteJoined,
                                       .make_machines = &MakeMachines,
                                       .counts_waits = WaitProfile::Switch(),
                                       .begin_wait = &BeginWait,
                                       .end_wait = &EndWait};

}  // namespace
}  // namespace stray::agent

STRAY_EXPORT stray::trace::Cursor* stray_agent_trace_cursor(uint32_t abi, stray::trace::Cursor** pointer) {
  return stray::agent::Trace::Attach(abi, pointer);
}

STRAY_EXPORT const stray::trace::Tap* stray_agent_trace_tap(uint32_t abi) {
  using namespace stray::agent;  // NOLINT: this is the agent's C face
  return abi != stray::trace::kTapAbi || CurrentThread() == nullptr ? nullptr : TraceTap();
}

STRAY_EXPORT const stray::runtime_abi::AgentServices* stray_agent_attach(
    const stray::runtime_abi::RuntimeDescriptor* runtime) {
  using namespace stray::agent;  // NOLINT: this is the agent's C face
  if (CurrentThread() == nullptr || !Goroutines::Attach(runtime)) return nullptr;
  Box::Header()->flags |= stray::wire::kBoxRuntime;
  services.settle_ms = static_cast<uint32_t>(Agent::GetOptions().settle_ms);
  return &services;
}
