// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_findings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/load/recorded_model.h"
#include "analyzer/load/streamed_findings.h"
#include "analyzer/load/trace_findings.h"
#include "analyzer/trace/missed_meetings.h"
#include "analyzer/trace/witness_check.h"

namespace stray::analyzer {
namespace {

class RecordedFindings {
 public:
  RecordedFindings(const RecordedTrace& recorded, const TraceIndex& index, ProcessModel& process)
      : recorded_(recorded), index_(index), process_(process), model_(recorded, process) {}

  // `witnesses` may be null.
  void Run(std::vector<std::string>& damage, std::vector<Witness>* witnesses) {
    TraceContext context = {.trace = recorded_.trace,
                            .index = index_,
                            .knows_memory = recorded_.has_accesses,
                            .name = "trace",
                            .task_ids = recorded_.task_ids,
                            .lock_objects = model_.lock_objects()};
    FindMisused(context);
    context.stack_of = [this](EventIndex event) { return StackOf(event); };
    context.thing_of = [this](const TraceEvent& event) { return ThingOf(event); };
    context.describe = [this](uint32_t variable, wire::SanitizerReport& report) { Describe(variable, report); };
    // Where an atomic or a channel lies tells nobody what is meant.
    context.is_shown = [&index = index_](EventIndex event) {
      const TraceOp op = index.event(event).op;
      return !GivesToSync(op) && !GetsFromSync(op);
    };
    context.time_of = [this](EventIndex event) { return recorded_.TimeOf(event); };
    context.name_step = [this](EventIndex event, wire::ScheduleStep& step) { NameStep(event, step); };
    if (witnesses != nullptr)
      context.keep_witness = [witnesses](Witness witness) { witnesses->push_back(std::move(witness)); };
    AddTraceFindings(context, process_, damage);
    AddPartners();
    model_.AddTasks([this](uint32_t task) { return PlaceOfFork(task); });
  }

 private:
  // A channel or a wait group. The agent hears of them only if somebody waits for them at a snapshot.
  uint32_t ThingOf(const TraceEvent& event) {
    const bool is_channel = IsOfChannel(event.op);
    const uint32_t known = (is_channel ? recorded_.channel_objects : recorded_.group_objects)[event.operand];
    if (known != 0) return known;
    uint32_t& number = (is_channel ? channel_objects_ : group_objects_)[event.operand];
    if (number != 0) return number;
    const ThingTable::Thing& thing = (is_channel ? recorded_.channels : recorded_.groups)[event.operand];
    wire::Object& object = process_.objects.emplace_back();
    object.set_id(number = model_.NewObject());
    object.set_kind(is_channel ? "channel" : "wait group");
    object.set_address(thing.address);
    object.set_capacity(thing.capacity);
    if (thing.is_made) object.set_create_stack(model_.StackAt(thing.made_at, thing.made_by));
    return number;
  }

  // The program has died of a send, a close or a done: the last thing that its task was about to do.
  void FindMisused(TraceContext& context) const {
    for (const wire::Misuse& misuse : process_.misuses) {
      const bool is_of_channel = misuse.kind() == "chan-send-closed" || misuse.kind() == "chan-close-closed";
      if (!is_of_channel && misuse.kind() != "wait-group-negative") continue;
      const auto id = std::find(recorded_.task_ids.begin(), recorded_.task_ids.end(), misuse.task());
      if (id == recorded_.task_ids.end()) continue;
      const auto events = index_.EventsOf(static_cast<uint32_t>(id - recorded_.task_ids.begin()));
      const auto last = std::find_if(events.rbegin(), events.rend(), [&](EventIndex event) {
        return is_of_channel ? BeginsChannelUse(index_.event(event).op) : IsOfGroup(index_.event(event).op);
      });
      if (last == events.rend()) continue;
      (is_of_channel ? context.misused_channels : context.misused_groups).insert(index_.event(*last).operand);
    }
  }

  // The frames of an event: where it was, and the callers, as far as instrumented code told of them.
  uint32_t StackOf(EventIndex event) {
    return model_.StackAt(index_.event(event).location, recorded_.callers_of[event]);
  }

  void Describe(uint32_t variable, wire::SanitizerReport& report) const {
    const TraceMemory::Variable& memory = recorded_.variables[variable];
    for (wire::Access& access : *report.mutable_accesses()) {
      access.set_address(memory.address);
      access.set_size(memory.bytes);
    }
  }

  void NameStep(EventIndex event, wire::ScheduleStep& step) {
    const TraceEvent& what = index_.event(event);
    if (IsAccess(what.op)) {
      step.set_address(recorded_.variables[what.operand].address);
    } else if (what.op == TraceOp::kFork || what.op == TraceOp::kJoin) {
      step.set_what(absl::StrCat(step.what(), " ", recorded_.trace.tasks[what.operand]));
    } else if (IsOfChannel(what.op) || IsOfGroup(what.op)) {
      step.set_object(ThingOf(what));
    } else {
      step.set_object(model_.lock_objects()[what.operand]);
    }
  }

  // Of what was never done, whom it could have met. That they could is checked like all that is foreseen.
  void AddPartners() {
    const WitnessChecker checker(recorded_.trace);
    for (const MissedMeeting& missed : FindMissedMeetings(index_)) {
      if (missed.others == 0 || (missed.partners.empty() && !missed.are_all_known)) continue;
      wire::SanitizerReport report;
      report.set_kind("possible-partners");
      report.set_reporter("stray");
      AddPartner(missed.event, report);
      for (const EventIndex partner : missed.partners) {
        const AccessPair pair = {std::min(partner, missed.event), std::max(partner, missed.event)};
        if (checker.CheckMeeting(WitnessOf(index_, pair)).ok()) AddPartner(partner, report);
      }
      process_.sanitizer_reports.push_back(std::move(report));
    }
  }

  void AddPartner(EventIndex event, wire::SanitizerReport& report) {
    const TraceEvent& what = index_.event(event);
    wire::LockStep* step = report.add_steps();
    step->set_task(recorded_.task_ids[what.task]);
    step->mutable_wanted()->set_object(ThingOf(what));
    step->mutable_wanted()->mutable_site()->set_stack(StackOf(event));
    // Who receives takes what others bring.
    step->mutable_wanted()->set_read(IsReceive(what.op));
    report.add_tasks(step->task());
  }

  std::optional<RecordedPlace> PlaceOfFork(uint32_t task) const {
    const EventIndex fork = index_.ForkOf(task);
    if (fork == kNoEvent) return std::nullopt;
    return RecordedPlace{index_.event(fork).task, index_.event(fork).location, recorded_.callers_of[fork]};
  }

  const RecordedTrace& recorded_;
  const TraceIndex& index_;
  ProcessModel& process_;
  RecordedModel model_;
  std::map<uint32_t, uint32_t> channel_objects_, group_objects_;  // of those that the agent has not heard of
};

void AddNote(ProcessModel& process, std::string text, bool is_incomplete) {
  wire::Note& note = process.notes.emplace_back();
  note.set_text(std::move(text));
  note.set_incomplete(is_incomplete);
}

void AddStrange(const RecordedProgram& program, ProcessModel& process) {
  if (program.strange_events == 0) return;
  AddNote(process,
          absl::StrCat("trace: ", program.strange_events,
                       " events that cannot have been as they were recorded are left out"),
          false);
}

absl::Status FindIn(const RecordedTrace& recorded, ProcessModel& process, std::vector<std::string>& damage,
                    std::vector<Witness>* witnesses) {
  AddStrange(recorded, process);
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(recorded.trace);
  if (!index.ok())
    return absl::DataLossError(absl::StrCat("the trace makes no sense: ", index.status().message()));
  RecordedFindings(recorded, *index, process).Run(damage, witnesses);
  return absl::OkStatus();
}

absl::Status NoTrace(const absl::Status& status) {
  return absl::DataLossError(absl::StrCat("trace: ", status.message()));
}

// The trace is loaded if it is short enough. How many events that is, is known only when all have been told.
absl::Status FindWithin(EventIndex most_events, ProcessModel& process, std::vector<std::string>& damage) {
  LearnedTrace learned = LearnTrace(process, damage);
  if (learned.recorded_events <= most_events) {
    const absl::StatusOr<RecordedTrace> recorded = LoadTrace(process, learned, most_events);
    if (recorded.ok()) return FindIn(*recorded, process, damage, nullptr);
    if (!absl::IsResourceExhausted(recorded.status())) return NoTrace(recorded.status());
  }
  absl::StatusOr<StreamedTrace> streamed = StreamRaces(process, learned);
  if (!streamed.ok()) return NoTrace(streamed.status());
  if (streamed->events <= most_events) {
    *streamed = {};
    const absl::StatusOr<RecordedTrace> recorded = LoadTrace(process, learned, most_events);
    return recorded.ok() ? FindIn(*recorded, process, damage, nullptr) : NoTrace(recorded.status());
  }
  AddStrange(streamed->program, process);
  AddStreamedFindings(*streamed, process);
  AddNote(process,
          absl::StrCat("trace: prediction was left out: ", streamed->events, " events, and ", most_events,
                       " is the limit (--trace-events). Only races that happens-before shows were looked for"),
          true);
  return absl::OkStatus();
}

}  // namespace

absl::Status FindRecorded(ProcessModel& process, std::vector<std::string>& damage, RecordedTrace* recorded,
                          std::vector<Witness>* witnesses) {
  process.Index();
  absl::StatusOr<RecordedTrace> read = ReadRecordedTrace(process, damage);
  if (!read.ok()) return NoTrace(read.status());
  *recorded = *std::move(read);
  return FindIn(*recorded, process, damage, witnesses);
}

void AddRecordedFindings(ProcessModel& process, std::vector<std::string>& damage, EventIndex most_events) {
  if (process.trace_blocks.empty()) return;
  process.Index();
  const absl::Status found = FindWithin(most_events, process, damage);
  if (!found.ok()) AddNote(process, std::string(found.message()), true);
}

}  // namespace stray::analyzer
