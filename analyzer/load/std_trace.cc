// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/std_trace.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/log_code.h"
#include "analyzer/load/log_process.h"
#include "analyzer/load/utf8.h"
#include "analyzer/trace/happens_before.h"
#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/predicted_races.h"
#include "analyzer/trace/std_format.h"
#include "analyzer/trace/witness_check.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostSteps = 16;  // of an order that is shown

// Locks are numbered from 1 in a model.
uint32_t ObjectOf(uint32_t lock) { return lock + 1; }

// "T7" is what a task with that number is called anyway; 0: it is called otherwise.
uint32_t IdInName(const std::string& name) {
  uint64_t number = 0;
  const bool is_number = name.size() > 1 && name[0] == 'T' && absl::SimpleAtoi(name.substr(1), &number);
  return is_number && absl::StrCat("T", number) == name ? LogThread(number) : 0;
}

// A trace as happens-before knows it: nobody depends on anything else.
struct FreeTrace {
  explicit FreeTrace(const Trace& with)
      : trace(Without(with)), index(TraceIndex::Make(trace)), checker(trace) {}

  // In some order of events the two are next. The other ways in which tasks depend on each other keep to it.
  bool CanBeNext(const AccessPair& race) const {
    return index.ok() && checker.CheckRace(WitnessOf(*index, race)).ok();
  }

  static Trace Without(Trace trace) {
    trace.marks.emplace_back("0");
    for (TraceEvent& event : trace.events) {
      if (event.op == TraceOp::kProvide || event.op == TraceOp::kDepend)
        event = {event.task, 0, event.location, TraceOp::kDummy};
    }
    return trace;
  }

  const Trace trace;
  const absl::StatusOr<TraceIndex> index;
  const WitnessChecker checker;
};

class TraceModel {
 public:
  TraceModel(const Trace& trace, const TraceIndex& index, const std::string& name)
      : trace_(trace),
        index_(index),
        checker_(trace),
        name_(name),
        process_(std::make_unique<ProcessModel>()),
        code_(*process_) {
    process_->process.set_log(name);
    for (const int64_t location : trace.locations) {
      LogFrame frame;
      // Of two words the first one would be taken for the type that a function returns.
      frame.function = absl::StrCat("location_", location);
      LogStack stack;
      stack.frames.push_back(std::move(frame));
      stacks_.push_back(code_.AddStack(stack));
    }
    AddTasks();
    for (uint32_t lock = 0; lock < trace.locks.size(); ++lock) {
      wire::Object& object = process_->objects.emplace_back();
      object.set_id(ObjectOf(lock));
      object.set_kind("mutex");
      object.set_name(trace.locks[lock]);
    }
    for (const TraceEvent& event : trace.events) {
      if (event.op == TraceOp::kAcquireRead) process_->objects[event.operand].set_kind("rwlock");
    }
  }

  Model Run() {
    AddRaces();
    AddDeadlocks();
    process_->Index();
    model_.processes.push_back(std::move(process_));
    return std::move(model_);
  }

 private:
  using Places = std::pair<uint32_t, uint32_t>;

  // Names that are numbers come first; the others get what is free.
  void NumberTasks() {
    absl::flat_hash_set<uint32_t> taken;
    for (const std::string& name : trace_.tasks) taken.insert(task_ids_.emplace_back(IdInName(name)));
    uint32_t next = 1;
    for (uint32_t& id : task_ids_) {
      if (id != 0) continue;
      while (!taken.insert(next).second) ++next;
      id = next;
    }
  }

  void AddTasks() {
    NumberTasks();
    for (uint32_t task = 0; task < trace_.tasks.size(); ++task) {
      wire::Task& record = process_->tasks.emplace_back();
      record.set_id(task_ids_[task]);
      record.set_kind("thread");
      record.set_main(task_ids_[task] == LogThread(0));
      if (IdInName(trace_.tasks[task]) == 0) record.set_name(trace_.tasks[task]);
      record.set_finished(true);
      record.set_joined(true);
      const EventIndex fork = index_.ForkOf(task);
      if (fork == kNoEvent) continue;
      record.set_parent(TaskOf(fork));
      record.set_create_stack(StackOf(fork));
    }
  }

  uint32_t TaskOf(EventIndex event) const { return task_ids_[index_.event(event).task]; }
  uint32_t StackOf(EventIndex event) const { return stacks_[index_.event(event).location]; }

  // The acquire by which the task of `event` has `lock` there.
  EventIndex AcquireOf(EventIndex event, uint32_t lock) const {
    const auto acquires = index_.AcquiresOf(index_.event(event).task);
    for (size_t i = acquires.size(); i-- > 0;) {
      if (acquires[i] >= event || index_.event(acquires[i]).operand != lock) continue;
      const EventIndex release = index_.MatchOf(acquires[i]);
      if (release == kNoEvent || release >= event) return acquires[i];
    }
    return kNoEvent;
  }

  void SetHeld(EventIndex event, const HeldLock& lock, wire::Held* held) const {
    held->set_object(ObjectOf(lock.lock));
    held->set_read(!lock.to_write);
    held->set_count(1);
    const EventIndex acquire = AcquireOf(event, lock.lock);
    if (acquire != kNoEvent) held->mutable_site()->set_stack(StackOf(acquire));
  }

  void AddAccess(EventIndex event, wire::SanitizerReport& report) const {
    wire::Access* access = report.add_accesses();
    access->set_write(index_.event(event).op == TraceOp::kWrite);
    access->set_task(TaskOf(event));
    access->set_stack(StackOf(event));
    for (const HeldLock& lock : index_.HeldAt(event)) SetHeld(event, lock, access->add_held());
  }

  std::string WhatOf(EventIndex event) const {
    const TraceEvent& what = index_.event(event);
    switch (what.op) {
      case TraceOp::kRead:
        return absl::StrCat("reads ", trace_.variables[what.operand]);
      case TraceOp::kWrite:
        return absl::StrCat("writes ", trace_.variables[what.operand]);
      case TraceOp::kAcquire:
      case TraceOp::kTryAcquire:
        return absl::StrCat("locks ", trace_.locks[what.operand]);
      case TraceOp::kAcquireRead:
        return absl::StrCat("locks ", trace_.locks[what.operand], " for reading");
      case TraceOp::kRelease:
      case TraceOp::kReleaseRead:
        return absl::StrCat("unlocks ", trace_.locks[what.operand]);
      case TraceOp::kFork:
        return absl::StrCat("starts ", trace_.tasks[what.operand]);
      case TraceOp::kJoin:
        return absl::StrCat("joins ", trace_.tasks[what.operand]);
      case TraceOp::kSignal:
        return absl::StrCat("signals ", trace_.syncs[what.operand]);
      case TraceOp::kAwait:
        return absl::StrCat("awaits ", trace_.syncs[what.operand]);
      case TraceOp::kProvide:
        return absl::StrCat("changes ", trace_.syncs[what.operand]);
      case TraceOp::kDepend:
        return absl::StrCat("sees ", trace_.syncs[what.operand]);
      case TraceOp::kRequest:
      case TraceOp::kBegin:
      case TraceOp::kEnd:
      case TraceOp::kEnter:
      case TraceOp::kExit:
      case TraceOp::kBranch:
      case TraceOp::kDummy:
        break;
    }
    return "";
  }

  void SetStep(EventIndex event, wire::ScheduleStep* step) const {
    step->set_task(TaskOf(event));
    step->set_what(WhatOf(event));
    step->set_stack(StackOf(event));
  }

  // The end of `witness`, as far as it is about the tasks that are to do something next.
  void SetSchedule(const Witness& witness, wire::Schedule* schedule) const {
    std::vector<EventIndex> shown;
    for (size_t i = witness.events.size(); i-- > 0 && shown.size() < kMostSteps;) {
      const EventIndex event = witness.events[i];
      const bool is_of_them = std::any_of(witness.next.begin(), witness.next.end(), [&](EventIndex next) {
        return index_.event(next).task == index_.event(event).task;
      });
      if (is_of_them && !WhatOf(event).empty()) shown.push_back(event);
    }
    for (auto event = shown.rbegin(); event != shown.rend(); ++event) SetStep(*event, schedule->add_steps());
    schedule->set_left_out(witness.events.size() - shown.size());
    for (const EventIndex event : witness.next) SetStep(event, schedule->add_next());
  }

  wire::SanitizerReport* AddReport(absl::string_view kind, EventIndex event) {
    wire::SanitizerReport& report = process_->sanitizer_reports.emplace_back();
    report.set_kind(std::string(kind));
    report.set_reporter("stray");
    report.set_origin(absl::StrCat(name_, ":", uint64_t{event} + 1));
    return &report;
  }

  // What nobody should believe is not reported; that something is wrong is.
  bool IsBelieved(const absl::Status& valid, absl::string_view what) {
    if (valid.ok()) return true;
    model_.damage.push_back(absl::StrCat(name_, ": ", what, " was dropped, since its schedule does not hold (",
                                         valid.message(), "): a fault of stray's"));
    return false;
  }

  // True for a race by happens-before if what tasks depend on otherwise never lets both accesses be next.
  bool IsKeptApart(absl::string_view kind, const AccessPair& race) {
    if (kind != "data-race" || trace_.syncs.empty()) return false;
    if (free_trace_ == nullptr) free_trace_ = std::make_unique<FreeTrace>(trace_);
    return free_trace_->CanBeNext(race);
  }

  void AddRace(absl::string_view kind, const AccessPair& race, uint32_t similar) {
    const Witness witness = WitnessOf(index_, race);
    const absl::Status valid = checker_.CheckRace(witness);
    if (!valid.ok() && !IsKeptApart(kind, race)) {
      IsBelieved(valid, "a race");
      return;
    }
    wire::SanitizerReport& report = *AddReport(kind, race.second);
    AddAccess(race.second, report);
    AddAccess(race.first, report);
    wire::MemoryPlace* place = report.add_places();
    place->set_kind("global");
    place->set_name(trace_.variables[index_.event(race.first).operand]);
    for (const wire::Access& access : report.accesses()) report.add_tasks(access.task());
    report.set_similar(similar);
    if (valid.ok()) SetSchedule(witness, report.mutable_schedule());
  }

  Places PlacesOf(const AccessPair& race) const {
    return std::minmax(index_.event(race.first).location, index_.event(race.second).location);
  }

  void AddRaces() {
    std::vector<AccessPair> firsts;
    absl::flat_hash_map<Places, uint32_t> counts;
    HappensBefore engine(HappensBefore::Order::kSchedulable, [&](const AccessPair& race) {
      if (counts[PlacesOf(race)]++ == 0) firsts.push_back(race);
    });
    for (const TraceEvent& event : trace_.events) engine.Add(event);
    for (const AccessPair& race : firsts) AddRace("data-race", race, counts[PlacesOf(race)] - 1);
    for (const AccessPair& race : PredictRaces(index_, RacesWanted::kOneForPlaces)) {
      if (!counts.contains(PlacesOf(race))) AddRace("predicted-race", race, 0);
    }
  }

  void AddDeadlocks() {
    const PredictedDeadlocks found = PredictDeadlocks(index_);
    if (!found.is_complete) {
      model_.damage.push_back(absl::StrCat(name_, ": of the circles of locks only the first ", found.patterns,
                                           " were looked at: there are too many"));
    }
    for (const LockCircle& circle : found.circles) {
      const Witness witness = WitnessOf(index_, circle);
      if (!IsBelieved(checker_.CheckDeadlock(witness), "a deadlock")) continue;
      wire::SanitizerReport& report =
          *AddReport("predicted-deadlock", *std::max_element(circle.begin(), circle.end()));
      for (size_t i = 0; i < circle.size(); ++i) AddLockStep(circle, i, report);
      SetSchedule(witness, report.mutable_schedule());
    }
  }

  // It wants what the next one has, and has what the one before wants.
  void AddLockStep(const LockCircle& circle, size_t i, wire::SanitizerReport& report) const {
    const EventIndex event = circle[i];
    const TraceEvent& before = index_.event(circle[(i + circle.size() - 1) % circle.size()]);
    wire::LockStep* step = report.add_steps();
    step->set_task(TaskOf(event));
    step->mutable_wanted()->set_object(ObjectOf(index_.event(event).operand));
    step->mutable_wanted()->set_read(index_.event(event).op == TraceOp::kAcquireRead);
    step->mutable_wanted()->mutable_site()->set_stack(StackOf(event));
    for (const HeldLock& lock : index_.HeldAt(event)) {
      if (lock.lock == before.operand) SetHeld(event, lock, step->mutable_held());
    }
    report.add_tasks(step->task());
    report.add_objects(step->wanted().object());
  }

  const Trace& trace_;
  const TraceIndex& index_;
  const WitnessChecker checker_;
  std::unique_ptr<const FreeTrace> free_trace_;  // made when it is needed first
  const std::string& name_;
  Model model_;
  std::unique_ptr<ProcessModel> process_;
  LogCode code_;
  std::vector<uint32_t> stacks_;    // by location
  std::vector<uint32_t> task_ids_;  // in the model
};

}  // namespace

bool LooksLikeStdTrace(absl::string_view bytes) {
  bytes = absl::StripLeadingAsciiWhitespace(bytes);
  Trace trace;
  StdReader reader("", &trace);
  TraceEvent event;
  bool has_event = false;
  return reader.Read(bytes.substr(0, bytes.find('\n')), &event, &has_event).ok() && has_event;
}

absl::StatusOr<Model> ReadStdTrace(absl::string_view bytes, const std::string& name) {
  absl::StatusOr<Trace> trace = ReadStd(bytes, name);
  if (!trace.ok()) return trace.status();
  // Only shown from here on.
  for (std::vector<std::string>* names : {&trace->tasks, &trace->variables, &trace->locks, &trace->syncs}) {
    for (std::string& one : *names) one = ToUtf8(one);
  }
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(*trace);
  if (!index.ok()) return absl::InvalidArgumentError(absl::StrCat(name, ": ", index.status().message()));
  return TraceModel(*trace, *index, name).Run();
}

}  // namespace stray::analyzer
