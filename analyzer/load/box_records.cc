// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/box_records.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "agent/wire/goroutine_records.h"
#include "agent/wire/runtime_abi.h"
#include "agent/wire/wait_totals.h"
#include "analyzer/load/utf8.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {
namespace {

using box::RegionId;

// More locks than this in one chain or one thread is no program but a damaged count.
constexpr uint32_t kMaxEntries = 1u << 16;

void SetWord(std::string* field, absl::string_view word) { field->assign(word.data(), word.size()); }

bool IsLifeEvent(box::EventKind kind) {
  return kind == box::EventKind::kCreate || kind == box::EventKind::kJoin || kind == box::EventKind::kDetach;
}

void SetHeldFlags(uint32_t flags, wire::Held* held) {
  held->set_read((flags & box::kHeldRead) != 0);
  held->set_tried((flags & box::kHeldTry) != 0);
}

}  // namespace

bool IsVisibleTask(const box::TaskRecord& record) {
  return record.serial != 0 && record.state != 0 && (record.flags & (box::kTaskAgent | box::kTaskMachine)) == 0;
}

bool IsMachine(const box::TaskRecord& record) {
  return record.serial != 0 && (record.flags & box::kTaskMachine) != 0;
}

bool IsFinished(const box::TaskRecord& record) {
  return record.state == static_cast<uint8_t>(box::TaskState::kFinished);
}

bool IsBlocked(const box::TaskRecord& record) {
  return record.state == static_cast<uint8_t>(box::TaskState::kBlocked);
}

uint32_t BoxRecords::ObjectReference(uint64_t index) {
  if (index <= box_.Count(RegionId::kObjects)) return static_cast<uint32_t>(index);
  ++dangling_;
  return 0;
}

uint32_t BoxRecords::StackReference(uint64_t index) {
  if (index <= box_.Count(RegionId::kStacks)) return static_cast<uint32_t>(index);
  ++dangling_;
  return 0;
}

void BoxRecords::SetSite(box::Site site, wire::Site* out) {
  if ((site & box::kSiteIsStack) != 0) {
    out->set_stack(StackReference(site & ~box::kSiteIsStack));
  } else {
    out->set_address(site);
  }
}

wire::Process BoxRecords::Process() const {
  const box::BlackBoxHeader& header = box_.header();
  wire::Process process;
  process.set_pid(header.pid);
  process.set_parent_pid(header.parent_pid);
  process.set_program(box_.Text(header.program_path));
  const std::string command_line = box_.Text(header.command_line);
  if (!command_line.empty()) {
    for (absl::string_view argument : absl::StrSplit(command_line, '\n')) {
      process.add_arguments(std::string(argument));
    }
  }
  process.set_working_directory(box_.Text(header.working_directory));
  process.set_start_ns(header.start_ns);
  process.set_start_realtime_ns(header.start_realtime_ns);
  process.set_fatal_signal(header.fatal_signal);
  process.set_forked_from(static_cast<int32_t>(header.forked_from));
  process.set_catches_signals((header.flags & box::kBoxHasSignalHandlers) != 0);
  process.set_sanitizer((header.flags & box::kBoxSanitizer) != 0);
  process.set_runtime((header.flags & box::kBoxRuntime) != 0);
  process.set_block_rate_ns(header.block_rate_ns);
  process.set_mutex_fraction(header.mutex_fraction);
  process.set_unheard_tsan((header.flags & (box::kBoxTsan | box::kBoxHearsTsan)) == box::kBoxTsan);
  process.set_tsan_log(box_.Text(header.tsan_log));
  process.set_agent_version(box_.Text(header.agent_version));
  return process;
}

std::optional<wire::Module> BoxRecords::Module(uint32_t index) const {
  const auto record = box_.At<box::ModuleRecord>(RegionId::kModules, index);
  if (record.end == 0) return std::nullopt;
  wire::Module module;
  module.set_id(index);
  module.set_path(box_.Text(record.path));
  module.set_base(record.base);
  module.set_start(record.start);
  module.set_end(record.end);
  const size_t id_bytes = std::min<size_t>(record.build_id_bytes, sizeof(record.build_id));
  module.set_build_id(absl::BytesToHexString({reinterpret_cast<const char*>(record.build_id), id_bytes}));
  module.set_agent((record.flags & box::kModuleAgent) != 0);
  module.set_unloaded((record.flags & box::kModuleUnloaded) != 0);
  return module;
}

std::optional<wire::Stack> BoxRecords::Stack(uint32_t index) {
  const auto record = box_.At<box::StackRecord>(RegionId::kStacks, index);
  if (record.hash == 0 || record.depth == 0) return std::nullopt;
  const std::vector<uint64_t> words = box_.Words(record.words, record.depth);
  if (words.empty()) ++dangling_;
  wire::Stack stack;
  stack.set_id(index);
  stack.mutable_addresses()->Add(words.begin(), words.end());
  stack.set_cut((record.flags & box::kStackCut) != 0);
  stack.set_partial((record.flags & box::kStackPartial) != 0);
  stack.set_first_is_exact((record.flags & box::kStackFirstIsExact) != 0);
  return stack;
}

std::optional<wire::Object> BoxRecords::Object(uint32_t index) {
  const auto record = box_.At<box::ObjectRecord>(RegionId::kObjects, index);
  if (record.address == 0 && record.kind == 0) return std::nullopt;
  wire::Object object;
  object.set_id(index);
  SetWord(object.mutable_kind(), ObjectKindWord(record.kind));
  object.set_address(record.address);
  object.set_name(box_.Text(record.name));
  object.set_created_by(record.created_by);
  object.set_create_stack(StackReference(record.create_stack));
  if (record.first_site != 0) SetSite(record.first_site, object.mutable_first_site());
  object.set_shared((record.flags & box::kObjectShared) != 0);
  object.set_robust((record.flags & box::kObjectRobust) != 0);
  object.set_recursive((record.flags & box::kObjectRecursive) != 0);
  object.set_error_check((record.flags & box::kObjectErrorCheck) != 0);
  object.set_destroyed((record.flags & box::kObjectDestroyed) != 0);
  object.set_on_stack((record.flags & box::kObjectOnStack) != 0);
  object.set_prefers_writer((record.flags & box::kObjectPrefersWriter) != 0);
  if (record.kind == static_cast<uint8_t>(box::ObjectKind::kCondition)) {
    object.set_mutex(ObjectReference(record.extra));
  } else if (record.kind == static_cast<uint8_t>(box::ObjectKind::kChannel)) {
    object.set_length(record.value);
    object.set_capacity(record.extra);
    object.set_closed((record.flags & box::kObjectClosed) != 0);
  } else {
    object.set_value(record.value);
    object.set_holder(record.holder);
    if (record.held_at != 0) SetSite(record.held_at, object.mutable_held_site());
  }
  return object;
}

std::optional<wire::LockChain> BoxRecords::LockChain(uint32_t index) {
  const auto record = box_.At<box::LockChainRecord>(RegionId::kChains, index);
  if (record.hash == 0 || record.entry_count == 0) return std::nullopt;
  const auto entries =
      box_.PoolArray<box::ChainEntry>(record.entries, std::min(record.entry_count, kMaxEntries));
  if (entries.empty()) {
    ++dangling_;
    return std::nullopt;
  }
  wire::LockChain chain;
  for (const box::ChainEntry& entry : entries) {
    wire::Held* held = chain.add_entries();
    held->set_object(ObjectReference(entry.object));
    held->set_count(1);
    SetHeldFlags(entry.flags, held);
    SetSite(entry.site, held->mutable_site());
  }
  const size_t kept = std::min<size_t>(record.sighting_count, box::kChainSightings);
  for (size_t i = 0; i < kept; ++i) {
    const box::Sighting& seen = record.sightings[i];
    if (seen.task == 0) continue;  // counted, and not written yet
    wire::Sighting* sighting = chain.add_sightings();
    sighting->set_task(seen.task);
    sighting->set_stack(StackReference(seen.stack));
    sighting->set_first_life(seen.first_life);
    sighting->set_last_life(seen.last_life);
    if (seen.task < box::kFirstGoroutine) continue;
    sighting->set_has_clock(true);
    sighting->set_first_clock(seen.first_clock);
    sighting->set_first_acquired(seen.first_acquired);
    sighting->set_last_clock(seen.last_clock);
    sighting->set_last_acquired(seen.last_acquired);
  }
  chain.set_sighting_count(record.sighting_count);
  return chain;
}

std::optional<wire::Misuse> BoxRecords::Misuse(uint32_t index) {
  const auto record = box_.At<box::MisuseRecord>(RegionId::kMisuses, index);
  if (record.kind == 0) return std::nullopt;
  wire::Misuse misuse;
  SetWord(misuse.mutable_kind(), MisuseKindWord(record.kind));
  misuse.set_count(record.count);
  misuse.set_object(ObjectReference(record.object));
  misuse.set_task(record.task);
  misuse.set_stack(StackReference(record.stack));
  misuse.set_other_task(record.other_task);
  if (record.other_site != 0) SetSite(record.other_site, misuse.mutable_other_site());
  misuse.set_call(box_.Text(record.call));
  misuse.set_error(record.error);
  misuse.set_other_object(ObjectReference(record.other_object));
  return misuse;
}

std::optional<wire::Gap> BoxRecords::Gap(uint32_t index) const {
  const auto record = box_.At<box::GapRecord>(RegionId::kGaps, index);
  if (record.kind == 0) return std::nullopt;
  wire::Gap gap;
  SetWord(gap.mutable_kind(), GapKindWord(record.kind));
  gap.set_text(box_.Text(record.text));
  gap.set_number(record.number);
  return gap;
}

std::optional<wire::ProfileSite> BoxRecords::WaitTotal(uint32_t index) {
  const auto record = box_.At<box::WaitTotal>(RegionId::kWaitTotals, index);
  if (record.kind != box::WaitTotalKind::kBlock && record.kind != box::WaitTotalKind::kMutex)
    return std::nullopt;
  wire::ProfileSite site;
  site.set_profile(record.kind == box::WaitTotalKind::kBlock ? "block" : "mutex");
  site.set_stack(StackReference(record.stack));
  const uint64_t count = record.count_256ths / 256 + (record.count_256ths % 256 >= 128 ? 1 : 0);
  site.set_count(std::max<uint64_t>(count, 1));
  site.set_delay_ns(record.delay_ns);
  SetWord(site.mutable_wait_reason(), WaitReasonWord(record.wait_reason));
  return site;
}

std::optional<wire::Task> BoxRecords::Task(const box::TaskRecord& record) {
  if (!IsVisibleTask(record)) return std::nullopt;
  wire::Task task;
  task.set_id(record.serial);
  SetWord(task.mutable_kind(), TaskKindWord(record.kind));
  SetTest(record.test, task);
  task.set_tid(record.tid);
  task.set_name(ToUtf8({record.name, strnlen(record.name, sizeof(record.name))}));
  task.set_parent(record.parent);
  task.set_create_stack(StackReference(record.create_stack));
  task.set_start_routine(record.start_routine);
  task.set_create_ns(record.create_ns);
  task.set_end_ns(record.end_ns);
  task.set_main((record.flags & box::kTaskMain) != 0);
  task.set_detached((record.flags & box::kTaskDetached) != 0);
  task.set_joined((record.flags & box::kTaskJoined) != 0);
  task.set_finished(IsFinished(record));
  task.set_adopted((record.flags & box::kTaskAdopted) != 0);
  task.set_forked((record.flags & box::kTaskForked) != 0);
  task.set_joined_by(record.joined_by);
  task.set_create_life(record.create_life);
  task.set_start_life(record.start_life);
  task.set_end_life(record.end_life);
  task.set_join_life(record.join_life);
  AddEvents(record, task);
  return task;
}

void BoxRecords::SetTest(uint32_t test, wire::Task& task) const {
  if (test == 0) return;
  task.set_test(box_.Text(test));
  task.set_test_number(test);
}

// The ring holds the last kEventRing events; `event_head` is where the next one goes.
void BoxRecords::AddEvents(const box::TaskRecord& record, wire::Task& task) {
  const uint32_t kept = std::min<uint32_t>(record.event_head, box::kEventRing);
  for (uint32_t i = record.event_head - kept; i != record.event_head; ++i) {
    const box::Event& event = record.events[i % box::kEventRing];
    const auto kind = static_cast<box::EventKind>(event.kind_sequence & 0xFF);
    if (kind == box::EventKind::kNone) continue;
    *task.add_events() = Event(kind, event.object, event.kind_sequence >> 8, event.site);
  }
}

wire::Event BoxRecords::Event(box::EventKind kind, uint32_t object, uint32_t sequence, box::Site site) {
  wire::Event event;
  SetWord(event.mutable_kind(), EventKindWord(static_cast<uint64_t>(kind)));
  if (IsLifeEvent(kind)) {
    event.set_task(object);
  } else {
    event.set_object(ObjectReference(object));
  }
  event.set_sequence(sequence);
  if (site != 0) SetSite(site, event.mutable_site());
  return event;
}

wire::ReportTask BoxRecords::ReportTask(const box::ReportTask& record, FindObject find_object) {
  wire::ReportTask task;
  task.set_task(record.task);
  for (uint32_t i = 0; i < std::min(record.held_count, box::kReportHeld); ++i)
    AddHeldLock(record.held[i], *task.mutable_held());
  for (uint32_t i = 0; i < std::min<uint32_t>(record.event_count, box::kEventRing); ++i) {
    const box::ReportEvent& event = record.events[i];
    const auto kind = static_cast<box::EventKind>(event.kind);
    if (kind == box::EventKind::kNone) continue;
    wire::Event& out = *task.add_events() = Event(kind, event.object, event.sequence, event.site);
    if (event.address != 0) out.set_object(find_object(event.address, kind));
  }
  return task;
}

void BoxRecords::AddHeld(const box::TaskRecord& record, wire::TaskState& state) {
  if (record.held_count == 0) return;
  // Once the inline array was too small, all entries live in the pool, for good.
  std::vector<box::HeldLock> held;
  if (record.held_more != 0) {
    held = box_.PoolArray<box::HeldLock>(record.held_more, std::min(record.held_count, kMaxEntries));
    if (held.empty()) ++dangling_;
  } else {
    held.assign(record.held, record.held + std::min<size_t>(record.held_count, box::kHeldInline));
  }
  for (const box::HeldLock& lock : held) AddHeldLock(lock, *state.mutable_held());
}

void BoxRecords::AddHeldLock(const box::HeldLock& lock, HeldList& list) {
  const uint32_t object = ObjectReference(lock.object);
  if (object == 0) return;  // a hole: the lock was taken over or destroyed meanwhile
  wire::Held* out = list.Add();
  out->set_object(object);
  SetHeldFlags(lock.flags, out);
  out->set_count(lock.count);
  if (lock.site != 0) SetSite(lock.site, out->mutable_site());
}

void BoxRecords::AddCases(const box::GoroutineState& record, wire::TaskState& state) {
  const uint64_t count = std::min(record.case_count, kMaxEntries);
  for (uint64_t i = 0; i < count && record.cases != 0; ++i) {
    const auto one = box_.At<box::CaseRecord>(RegionId::kCases, record.cases + i);
    wire::SelectCase* out = state.add_cases();
    out->set_object(ObjectReference(one.object));
    out->set_sends(one.sends != 0);
  }
}

void BoxRecords::AddHeld(const box::GoroutineState& record, wire::TaskState& state) {
  const uint64_t count = std::min(record.held_count, kMaxEntries);
  for (uint64_t i = 0; i < count && record.held != 0; ++i) {
    AddHeldLock(box_.At<box::HeldLock>(RegionId::kHeld, record.held + i), *state.mutable_held());
  }
}

std::optional<wire::Task> BoxRecords::Life(uint32_t index) {
  const auto record = box_.At<box::LifeRecord>(RegionId::kLives, index);
  if (record.task == 0) return std::nullopt;
  wire::Task task;
  task.set_id(record.task);
  SetWord(task.mutable_kind(), TaskKindWord(static_cast<uint64_t>(box::TaskKind::kGoroutine)));
  task.set_name(box_.Text(record.name));
  task.set_parent(record.parent);
  task.set_create_life(record.fork);
  task.set_joined_by(record.joined_by);
  task.set_join_life(record.joined_by == 0 ? 0 : record.join_life);
  const auto creation = box_.At<box::CreationRecord>(RegionId::kCreations, record.creation);
  task.set_create_stack(record.creation == 0 ? 0 : StackReference(creation.stack));
  AddAncestors(record.creation, task);
  task.set_main(record.parent == 0 && record.creation == 0);
  task.set_detached(true);
  task.set_finished(true);  // as far as this record knows
  return task;
}

void BoxRecords::AddWait(const box::TaskRecord& record, uint64_t time_ns, wire::TaskState& state) {
  SetWord(state.mutable_wait_reason(), WaitReasonWord(record.wait_reason));
  if (IsWordTaken(record.wait_reason)) state.set_wait_number(record.wait_reason);
  state.set_object(ObjectReference(record.wait_object));
  state.set_address(record.wait_address);
  state.set_waits_for_task(record.wait_task);
  state.set_timed((record.wait_flags & box::kWaitTimed) != 0);
  state.set_shared((record.wait_flags & box::kWaitShared) != 0);
  state.set_since_ns(record.wait_since_ns);
  if (record.wait_since_ns != 0 && time_ns > record.wait_since_ns) {
    state.set_wait_ns(time_ns - record.wait_since_ns);
  }
  if (IsConditionWait(record.wait_reason)) state.set_mutex(ObjectReference(record.wait_extra));
}

wire::TaskState BoxRecords::TaskState(const box::TaskRecord& record, uint64_t time_ns) {
  wire::TaskState state;
  state.set_task(record.serial);
  SetWord(state.mutable_state(), TaskStateWord(record.state));
  if (IsBlocked(record)) AddWait(record, time_ns, state);
  state.set_stack(StackReference(record.snapshot_stack));
  const box::Site site = IsBlocked(record) && record.wait_site != 0 ? record.wait_site : record.last_site;
  if (site != 0) SetSite(site, state.mutable_site());
  AddHeld(record, state);
  if (record.cpu_state > 0 && record.cpu_state < 128 &&
      absl::ascii_isalpha(static_cast<unsigned char>(record.cpu_state))) {
    state.set_kernel_state(std::string(1, static_cast<char>(record.cpu_state)));
  }
  const bool has_call = record.kernel_call != 0 && record.kernel_call <= std::numeric_limits<int32_t>::max();
  state.set_system_call(has_call ? static_cast<int32_t>(record.kernel_call - 1) : -1);
  state.set_in_exit((record.flags & box::kTaskInExit) != 0);
  state.set_signal_blocked((record.flags & box::kTaskSignalBlocked) != 0);
  return state;
}

wire::Task BoxRecords::Goroutine(const box::GoroutineState& record, uint32_t create_stack) {
  const bool is_fiber = (record.flags & box::kGoroutineIsFiber) != 0;
  const box::TaskKind kind = is_fiber ? box::TaskKind::kFiber : box::TaskKind::kGoroutine;
  wire::Task task;
  task.set_id(record.task);
  SetWord(task.mutable_kind(), TaskKindWord(static_cast<uint64_t>(kind)));
  SetTest(record.test, task);
  task.set_tid(record.tid);
  task.set_name(box_.Text(record.name));
  task.set_parent(record.creator);
  task.set_create_stack(create_stack);
  task.set_main((record.flags & box::kGoroutineMain) != 0);
  task.set_detached(true);  // nobody joins a goroutine
  AddAncestors(record.creation, task);
  return task;
}

// A chain is not longer than its first record says; a longer one is damage.
void BoxRecords::AddAncestors(uint32_t creation, wire::Task& task) {
  if (creation == 0) return;
  auto record = box_.At<box::CreationRecord>(RegionId::kCreations, creation);
  for (uint32_t left = record.depth; left > 0 && record.parent != 0; --left) {
    record = box_.At<box::CreationRecord>(RegionId::kCreations, record.parent);
    if (const uint32_t stack = StackReference(record.stack); stack != 0) task.add_ancestor_stacks(stack);
  }
  task.set_ancestors_cut(record.cut != 0);
}

std::vector<wire::Label> BoxRecords::Labels(uint32_t task, uint32_t labels) const {
  std::vector<wire::Label> result;
  const std::string text = box_.Text(labels);
  for (absl::string_view one : absl::StrSplit(text, runtime_abi::kLabelEnd, absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(one, absl::MaxSplits(runtime_abi::kLabelValue, 1));
    wire::Label& label = result.emplace_back();
    label.set_task(task);
    label.set_key(ToUtf8(parts.first));
    label.set_value(ToUtf8(parts.second));
  }
  return result;
}

wire::TaskState BoxRecords::GoroutineState(const box::GoroutineState& record, const box::TaskRecord* machine,
                                           uint64_t time_ns) {
  if (machine != nullptr) {
    wire::TaskState running = TaskState(*machine, time_ns);
    running.set_task(record.task);
    AddHeld(record, running);
    return running;
  }
  wire::TaskState state;
  state.set_task(record.task);
  SetWord(state.mutable_state(), TaskStateWord(record.state));
  state.set_stack(StackReference(record.stack));
  state.set_system_call(-1);
  AddHeld(record, state);
  if (record.wait_reason == 0) return state;
  state.set_timed((record.flags & box::kGoroutineTimed) != 0);
  SetWord(state.mutable_wait_reason(), WaitReasonWord(record.wait_reason));
  if (IsWordTaken(record.wait_reason)) state.set_wait_number(record.wait_reason);
  state.set_object(ObjectReference(record.object));
  AddCases(record, state);
  state.set_address(record.wait_address);
  state.set_since_ns(record.since_ns);
  if (record.since_ns != 0 && time_ns > record.since_ns) state.set_wait_ns(time_ns - record.since_ns);
  return state;
}

}  // namespace stray::analyzer
