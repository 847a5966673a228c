// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_findings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/recorded_trace.h"
#include "analyzer/load/trace_findings.h"

namespace stray::analyzer {
namespace {

// As many frames as other stacks have.
constexpr size_t kMostFrames = 256;

class RecordedFindings {
 public:
  RecordedFindings(const RecordedTrace& recorded, const TraceIndex& index, ProcessModel& process)
      : recorded_(recorded), index_(index), process_(process) {
    for (const wire::Stack& stack : process.stacks) next_stack_ = std::max(next_stack_, stack.id() + 1);
    AddLocks();
  }

  // `witnesses` may be null.
  void Run(std::vector<std::string>& damage, std::vector<Witness>* witnesses) {
    TraceContext context = {.trace = recorded_.trace,
                            .index = index_,
                            .knows_memory = recorded_.has_accesses,
                            .name = "trace",
                            .task_ids = recorded_.task_ids,
                            .lock_objects = lock_objects_};
    context.stack_of = [this](EventIndex event) { return StackOf(event); };
    context.describe = [this](uint32_t variable, wire::SanitizerReport& report) { Describe(variable, report); };
    // Where an atomic or a channel lies tells nobody what is meant.
    context.is_shown = [&index = index_](EventIndex event) {
      const TraceOp op = index.event(event).op;
      return !GivesToSync(op) && !GetsFromSync(op);
    };
    context.name_step = [this](EventIndex event, wire::ScheduleStep& step) { NameStep(event, step); };
    if (witnesses != nullptr)
      context.keep_witness = [witnesses](Witness witness) { witnesses->push_back(std::move(witness)); };
    AddTraceFindings(context, process_, damage);
    AddTasks();
  }

 private:
  // Locks that the agent has heard nothing of besides.
  void AddLocks() {
    uint32_t next = 1;
    for (const wire::Object& object : process_.objects) next = std::max(next, object.id() + 1);
    for (const RecordedTrace::Lock& lock : recorded_.locks) {
      lock_objects_.push_back(lock.object);
      if (lock.object != 0) continue;
      wire::Object& object = process_.objects.emplace_back();
      object.set_id(lock_objects_.back() = next++);
      object.set_kind(lock.is_read ? "rwlock" : "mutex");
      object.set_address(lock.address);
    }
    process_.Index();
  }

  // The frames of an event: where it was, and the callers, as far as instrumented code told of them.
  uint32_t StackOf(EventIndex event) {
    const uint32_t location = index_.event(event).location;
    const uint32_t callers = recorded_.callers_of[event];
    if (callers == 0 && recorded_.place_stacks[location] != 0) return recorded_.place_stacks[location];
    const auto [it, is_new] = stacks_.try_emplace({location, callers}, 0);
    if (is_new) it->second = AddStack(location, callers);
    return it->second;
  }

  uint32_t AddStack(uint32_t location, uint32_t callers) {
    wire::Stack stack;
    if (const uint64_t place = recorded_.places[location]; place != 0) {
      stack.add_addresses(place);
    } else if (const wire::Stack* own = process_.FindStack(recorded_.place_stacks[location]); own != nullptr) {
      // The first frames of a stack that the agent has walked are those of code that is not instrumented.
      return own->id();
    }
    for (uint32_t at = callers; at != 0 && stack.addresses_size() < static_cast<int>(kMostFrames);
         at = recorded_.callers[at].parent) {
      stack.add_addresses(recorded_.callers[at].address);
    }
    if (stack.addresses().empty()) return 0;
    stack.set_id(next_stack_++);
    process_.stacks.push_back(std::move(stack));
    return process_.stacks.back().id();
  }

  void Describe(uint32_t variable, wire::SanitizerReport& report) const {
    const TraceMemory::Variable& memory = recorded_.variables[variable];
    for (wire::Access& access : *report.mutable_accesses()) {
      access.set_address(memory.address);
      access.set_size(memory.bytes);
    }
  }

  void NameStep(EventIndex event, wire::ScheduleStep& step) const {
    const TraceEvent& what = index_.event(event);
    if (IsAccess(what.op)) {
      step.set_address(recorded_.variables[what.operand].address);
    } else if (what.op == TraceOp::kFork || what.op == TraceOp::kJoin) {
      step.set_what(absl::StrCat(step.what(), " ", recorded_.trace.tasks[what.operand]));
    } else {
      step.set_object(lock_objects_[what.operand]);
    }
  }

  // Tasks that reports name and nobody else knows any more.
  void AddTasks() {
    process_.Index();
    for (uint32_t task = 0; task < recorded_.task_ids.size(); ++task) {
      const uint32_t id = recorded_.task_ids[task];
      const bool is_named = std::any_of(
          process_.sanitizer_reports.begin(), process_.sanitizer_reports.end(), [id](const auto& report) {
            return std::find(report.tasks().begin(), report.tasks().end(), id) != report.tasks().end();
          });
      if (!is_named || process_.FindTask(id) != nullptr) continue;
      wire::Task& record = process_.tasks.emplace_back();
      record.set_id(id);
      record.set_kind(recorded_.trace.tasks[task][0] == 'G' ? "goroutine" : "thread");
      record.set_name(recorded_.task_names[task]);
      record.set_finished(true);
      record.set_joined(true);
      const EventIndex fork = index_.ForkOf(task);
      if (fork == kNoEvent) continue;
      record.set_parent(recorded_.task_ids[index_.event(fork).task]);
      record.set_create_stack(StackOf(fork));
    }
  }

  const RecordedTrace& recorded_;
  const TraceIndex& index_;
  ProcessModel& process_;
  uint32_t next_stack_ = 1;
  std::vector<uint32_t> lock_objects_;                        // by lock
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> stacks_;  // by location and callers
};

void AddNote(ProcessModel& process, std::string text, bool is_incomplete) {
  wire::Note& note = process.notes.emplace_back();
  note.set_text(std::move(text));
  note.set_incomplete(is_incomplete);
}

}  // namespace

absl::Status FindRecorded(ProcessModel& process, std::vector<std::string>& damage, RecordedTrace* recorded,
                          std::vector<Witness>* witnesses) {
  process.Index();
  absl::StatusOr<RecordedTrace> read = ReadRecordedTrace(process, damage);
  if (!read.ok()) return absl::DataLossError(absl::StrCat("trace: ", read.status().message()));
  *recorded = *std::move(read);
  if (recorded->strange_events != 0) {
    AddNote(process,
            absl::StrCat("trace: ", recorded->strange_events,
                         " events that cannot have been as they were recorded are left out"),
            false);
  }
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(recorded->trace);
  if (!index.ok())
    return absl::DataLossError(absl::StrCat("the trace makes no sense: ", index.status().message()));
  RecordedFindings(*recorded, *index, process).Run(damage, witnesses);
  return absl::OkStatus();
}

void AddRecordedFindings(ProcessModel& process, std::vector<std::string>& damage) {
  if (process.trace_blocks.empty()) return;
  RecordedTrace recorded;
  const absl::Status found = FindRecorded(process, damage, &recorded, nullptr);
  if (!found.ok()) AddNote(process, std::string(found.message()), true);
}

}  // namespace stray::analyzer
