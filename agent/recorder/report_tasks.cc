// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/report_tasks.h"

#include <string.h>

#include "agent/base/raw.h"
#include "agent/recorder/box.h"
#include "agent/recorder/goroutines.h"
#include "agent/recorder/modules.h"
#include "agent/recorder/threads.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using wire::RegionId;
using wire::ReportEvent;
using wire::ReportTask;

// What introduces tasks, in the words of ThreadSanitizer and of instrumentation/runtime/sanitizer_fiber.cc.
constexpr char kReport[] = "WARNING: ThreadSanitizer";
constexpr char kMain[] = "main thread";
constexpr char kThread[] = "(tid=";
constexpr char kGoroutine[] = "'goroutine ";

// The tasks of the report that is being printed.
constexpr uint32_t kMostNoted = 16;
uint32_t noted[kMostNoted];
uint32_t noted_count = 0;

bool IsNoted(uint32_t task) {
  for (uint32_t i = 0; i < noted_count; ++i) {
    if (noted[i] == task) return true;
  }
  if (noted_count == kMostNoted) return true;
  noted[noted_count++] = task;
  return false;
}

void NoteModule(wire::Site site) {
  if (site != 0 && (site & wire::kSiteIsStack) == 0) Modules::Note(site);
}

// Null: there is no more room.
ReportTask* Append(uint32_t print) {
  const uint32_t index = Box::Append(RegionId::kReportTasks);
  if (index == 0) {
    Box::Count(wire::Loss::kReportTasks);
    return nullptr;
  }
  auto* record = Box::At<ReportTask>(RegionId::kReportTasks, index);
  record->print = print;
  return record;
}

void Publish(ReportTask* record, uint32_t task) {
  for (uint32_t i = 0; i < record->held_count; ++i) NoteModule(record->held[i].site);
  for (uint32_t i = 0; i < record->event_count; ++i) NoteModule(record->events[i].site);
  __atomic_store_n(&record->task, task, __ATOMIC_RELEASE);
}

// The thread goes on meanwhile, if it is not the calling one: what it does now may be among its events.
void NoteThread(const Thread* thread, uint32_t print) {
  const wire::TaskRecord& task = *thread->record;
  if (IsNoted(task.serial)) return;
  ReportTask* record = Append(print);
  if (record == nullptr) return;
  const uint32_t held = __atomic_load_n(&task.held_count, __ATOMIC_ACQUIRE);
  record->held_count = held < wire::kReportHeld ? held : wire::kReportHeld;
  memcpy(record->held, thread->held, record->held_count * sizeof(wire::HeldLock));
  const uint32_t head = __atomic_load_n(&task.event_head, __ATOMIC_ACQUIRE);
  record->event_count = head < wire::kEventRing ? head : wire::kEventRing;
  for (uint32_t i = 0; i < record->event_count; ++i) {
    const wire::Event& event = task.events[(head - record->event_count + i) % wire::kEventRing];
    record->events[i] = {
        event.site, 0, event.object, event.kind_sequence >> 8, static_cast<uint8_t>(event.kind_sequence), {}};
  }
  Publish(record, task.serial);
}

void NoteHeld(const InsideAgent& inside, const runtime_abi::HeldLocks* locks, ReportTask* record) {
  if (locks == nullptr) return;
  const uint32_t count = locks->count < wire::kReportHeld ? locks->count : wire::kReportHeld;
  for (uint32_t i = 0; i < count; ++i) {
    const runtime_abi::HeldLock& lock = locks->locks[i];
    const uint32_t object = Goroutines::Object(inside, lock.wait_reason, lock.object);
    if (object != 0) record->held[record->held_count++] = {object, lock.flags, 1, lock.site, 0};
  }
}

void NoteOperations(const runtime_abi::RecentOperations* recent, uint64_t id, ReportTask* record) {
  if (recent == nullptr || recent->task != id) return;
  const uint32_t count = recent->count;
  record->event_count = count < wire::kEventRing ? count : wire::kEventRing;
  for (uint32_t i = 0; i < record->event_count; ++i) {
    const runtime_abi::RecentOperation& one =
        recent->ring[(count - record->event_count + i) % runtime_abi::kRecentOperations];
    record->events[i] = {one.site, reinterpret_cast<uint64_t>(one.object), 0, one.sequence, one.kind, {}};
  }
}

void NoteGoroutine(const InsideAgent& inside, uint64_t id, uint32_t print) {
  const runtime_abi::GoroutineRecord* goroutine = Goroutines::Find(id);
  const uint32_t task = wire::kFirstGoroutine + static_cast<uint32_t>(id);
  if (goroutine == nullptr || IsNoted(task)) return;
  ReportTask* record = Append(print);
  if (record == nullptr) return;
  NoteHeld(inside, goroutine->held, record);
  NoteOperations(goroutine->recent, id, record);
  Publish(record, task);
}

// The last one that bore this number.
const Thread* FindThread(int tid) {
  const Thread* found = nullptr;
  for (uint32_t slot = 0, slots = Threads::SlotCount(); slot < slots; ++slot) {
    const Thread* thread = Threads::At(slot);
    if (thread->record == nullptr || thread->record->serial == 0 || thread->record->tid != tid) continue;
    if (found == nullptr || thread->record->serial > found->record->serial) found = thread;
  }
  return found;
}

void NoteThreadWithId(int tid, uint32_t print) {
  const Thread* thread = FindThread(tid);
  if (thread != nullptr && (thread->record->flags & wire::kTaskMachine) == 0) NoteThread(thread, print);
}

const char* After(const char* text, const char* words) {
  const char* at = strstr(text, words);
  return at == nullptr ? nullptr : at + strlen(words);
}

}  // namespace

void ReportTasks::NoteNamed(const InsideAgent& inside, const char* text, uint32_t print) {
  if (strstr(text, kReport) != nullptr) noted_count = 0;
  if (strstr(text, kMain) != nullptr) NoteThreadWithId(RawPid(), print);
  if (const char* id = After(text, kGoroutine); id != nullptr) {
    NoteGoroutine(inside, ParseUnsigned(&id), print);
  } else if (const char* tid = After(text, kThread); tid != nullptr) {
    NoteThreadWithId(static_cast<int>(ParseUnsigned(&tid)), print);
  }
}

}  // namespace stray::agent
