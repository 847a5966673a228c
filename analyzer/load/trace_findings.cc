// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_findings.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "analyzer/trace/happens_before.h"
#include "analyzer/trace/lockset_hints.h"
#include "analyzer/trace/mixed_deadlocks.h"
#include "analyzer/trace/negative_groups.h"
#include "analyzer/trace/predicted_closes.h"
#include "analyzer/trace/predicted_deadlocks.h"
#include "analyzer/trace/predicted_races.h"
#include "analyzer/trace/witness_check.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMostSteps = 16;  // of an order that is shown

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

class TraceFindings {
 public:
  TraceFindings(const TraceContext& context, ProcessModel& process, std::vector<std::string>& damage)
      : ctx_(context),
        trace_(context.trace),
        index_(context.index),
        checker_(context.trace),
        process_(process),
        damage_(damage) {}

  void Run() {
    AddRaces();
    AddDeadlocks();
    AddMixedDeadlocks();
    AddCloses();
    AddNegativeGroups();
    AddHints();  // last of all: they have no witness
  }

 private:
  using Places = std::pair<uint32_t, uint32_t>;

  uint32_t TaskOf(EventIndex event) const { return ctx_.task_ids[index_.event(event).task]; }
  uint32_t StackOf(EventIndex event) const { return ctx_.stack_of(event); }

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
    held->set_object(ctx_.lock_objects[lock.lock]);
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

  // What is done; what it is done to follows where it has no name yet.
  static std::string VerbOf(TraceOp op) {
    switch (op) {
      case TraceOp::kRead:
        return "reads";
      case TraceOp::kWrite:
        return "writes";
      case TraceOp::kAcquire:
      case TraceOp::kTryAcquire:
        return "locks";
      case TraceOp::kAcquireRead:
        return "read-locks";
      case TraceOp::kRelease:
      case TraceOp::kReleaseRead:
        return "unlocks";
      case TraceOp::kFork:
        return "starts";
      case TraceOp::kJoin:
        return "joins";
      case TraceOp::kSignal:
        return "signals";
      case TraceOp::kAwait:
        return "awaits";
      case TraceOp::kProvide:
        return "changes";
      case TraceOp::kDepend:
        return "sees";
      case TraceOp::kSend:
      case TraceOp::kTrySend:
        return "sends on";
      case TraceOp::kReceive:
      case TraceOp::kReceived:
        return "receives from";
      case TraceOp::kReceivedClosed:
        return "finds closed";
      case TraceOp::kClose:
        return "closes";
      case TraceOp::kAdd:
        return "adds to";
      case TraceOp::kDone:
        return "counts down";
      case TraceOp::kWaited:
        return "has waited for";
      default:
        return "";
    }
  }

  void SetStep(EventIndex event, wire::ScheduleStep* step) const {
    step->set_task(TaskOf(event));
    step->set_what(VerbOf(index_.event(event).op));
    step->set_stack(StackOf(event));
    if (ctx_.time_of) step->set_time_ns(ctx_.time_of(event));
    ctx_.name_step(event, *step);
  }

  // The end of `witness`, as far as it is about the tasks that are to do something next.
  void SetSchedule(const Witness& witness, wire::Schedule* schedule) const {
    std::vector<EventIndex> shown;
    for (size_t i = witness.events.size(); i-- > 0 && shown.size() < kMostSteps;) {
      const EventIndex event = witness.events[i];
      const bool is_of_them = std::any_of(witness.next.begin(), witness.next.end(), [&](EventIndex next) {
        return index_.event(next).task == index_.event(event).task;
      });
      if (index_.event(event).op == TraceOp::kReceive) continue;  // its end says it
      if (is_of_them && ctx_.is_shown(event) && !VerbOf(index_.event(event).op).empty()) shown.push_back(event);
    }
    for (auto event = shown.rbegin(); event != shown.rend(); ++event) SetStep(*event, schedule->add_steps());
    schedule->set_left_out(witness.events.size() - shown.size());
    for (const EventIndex event : witness.next) SetStep(event, schedule->add_next());
  }

  wire::SanitizerReport* AddReport(absl::string_view kind, EventIndex event) {
    wire::SanitizerReport& report = process_.sanitizer_reports.emplace_back();
    report.set_kind(std::string(kind));
    report.set_reporter("stray");
    report.set_origin(absl::StrCat(ctx_.name, ":", uint64_t{event} + 1));
    return &report;
  }

  // What nobody should believe is not reported; that something is wrong is.
  bool IsBelieved(const absl::Status& valid, absl::string_view what) {
    if (valid.ok()) return true;
    damage_.push_back(absl::StrCat(ctx_.name, ": ", what, " was dropped, since its schedule does not hold (",
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
    ctx_.describe(index_.event(race.first).operand, report);
    for (const wire::Access& access : report.accesses()) report.add_tasks(access.task());
    report.set_similar(similar);
    if (valid.ok()) SetSchedule(witness, report.mutable_schedule());
    if (ctx_.keep_witness) ctx_.keep_witness(witness);
  }

  Places PlacesOf(const AccessPair& race) const {
    return std::minmax(index_.event(race.first).location, index_.event(race.second).location);
  }

  void AddRaces() {
    std::vector<AccessPair> firsts;
    absl::flat_hash_map<Places, uint32_t> counts;
    HappensBefore engine(HappensBefore::Order::kSchedulable, [&](const AccessPair& race) {
      if (counts[PlacesOf(race)]++ == 0) firsts.push_back(race);
      KnowRace(race);
    });
    for (const TraceEvent& event : trace_.events) engine.Add(event);
    for (const AccessPair& race : firsts) AddRace("data-race", race, counts[PlacesOf(race)] - 1);
    for (const AccessPair& race : PredictRaces(index_, RacesWanted::kOneForPlaces)) {
      KnowRace(race);
      if (!counts.contains(PlacesOf(race))) AddRace("predicted-race", race, 0);
    }
  }

  void KnowRace(const AccessPair& race) {
    racy_variables_.insert(index_.event(race.first).operand);
    racy_places_.insert(PlacesOf(race));
  }

  // Of what does not race by what was found; which of the places of a race another variable is on says no more.
  void AddHints() {
    if (!ctx_.knows_memory) return;
    const auto is_known = [this](uint32_t variable) { return racy_variables_.contains(variable); };
    for (const AccessPair& pair : FindLocksetHints(index_, is_known)) {
      if (racy_places_.contains(PlacesOf(pair))) continue;
      wire::SanitizerReport& report = *AddReport("lock-hint", pair.second);
      AddAccess(pair.second, report);
      AddAccess(pair.first, report);
      ctx_.describe(index_.event(pair.first).operand, report);
      for (const wire::Access& access : report.accesses()) report.add_tasks(access.task());
    }
  }

  void AddDeadlocks() {
    const PredictedDeadlocks found = PredictDeadlocks(index_);
    if (!found.is_complete) {
      damage_.push_back(absl::StrCat(ctx_.name, ": of the circles of locks only the first ", found.patterns,
                                     " were looked at: there are too many"));
    }
    for (const LockCircle& circle : found.circles) {
      const Witness witness = WitnessOf(index_, circle);
      if (!IsBelieved(checker_.CheckDeadlock(witness), "a deadlock")) continue;
      wire::SanitizerReport& report =
          *AddReport(absl::StrCat(Expectation(), "-deadlock"), *std::max_element(circle.begin(), circle.end()));
      for (size_t i = 0; i < circle.size(); ++i) AddLockStep(circle, i, report);
      SetSchedule(witness, report.mutable_schedule());
      if (ctx_.keep_witness) ctx_.keep_witness(witness);
    }
  }

  // It wants what the next one has, and has what the one before wants.
  void AddLockStep(const LockCircle& circle, size_t i, wire::SanitizerReport& report) const {
    const EventIndex event = circle[i];
    const TraceEvent& before = index_.event(circle[(i + circle.size() - 1) % circle.size()]);
    wire::LockStep* step = report.add_steps();
    step->set_task(TaskOf(event));
    step->mutable_wanted()->set_object(ctx_.lock_objects[index_.event(event).operand]);
    step->mutable_wanted()->set_read(index_.event(event).op == TraceOp::kAcquireRead);
    step->mutable_wanted()->mutable_site()->set_stack(StackOf(event));
    for (const HeldLock& lock : index_.HeldAt(event)) {
      if (lock.lock == before.operand) SetHeld(event, lock, step->mutable_held());
    }
    report.add_tasks(step->task());
    report.add_objects(step->wanted().object());
  }

  void AddMixedDeadlocks() {
    const MixedDeadlocks found = PredictMixedDeadlocks(index_);
    if (!found.is_complete) {
      wire::Note& note = process_.notes.emplace_back();
      note.set_text(absl::StrCat(ctx_.name,
                                 ": of what waits for channels and locks together not all was looked at: "
                                 "there is too much"));
    }
    for (const MixedDeadlock& deadlock : found.found) {
      if (ctx_.misused_channels.contains(index_.event(deadlock.waits.front()).operand)) continue;
      const Witness witness = WitnessOf(deadlock);
      if (!IsBelieved(checker_.CheckMixed(witness), "a deadlock")) continue;
      wire::SanitizerReport& report =
          *AddReport(absl::StrCat(Expectation(), "-deadlock"),
                     *std::max_element(deadlock.waits.begin(), deadlock.waits.end()));
      for (const EventIndex wait : deadlock.waits) AddMixedStep(deadlock, wait, report);
      SetSchedule(witness, report.mutable_schedule());
      if (ctx_.keep_witness) ctx_.keep_witness(witness);
    }
  }

  // What it waits for, and what it has that another one wants.
  void AddMixedStep(const MixedDeadlock& deadlock, EventIndex wait, wire::SanitizerReport& report) const {
    const TraceEvent& what = index_.event(wait);
    wire::LockStep* step = report.add_steps();
    step->set_task(TaskOf(wait));
    const bool is_of_channel = IsOfChannel(what.op);
    step->mutable_wanted()->set_object(is_of_channel ? ctx_.thing_of(what) : ctx_.lock_objects[what.operand]);
    step->mutable_wanted()->set_read(what.op == TraceOp::kAcquireRead || IsReceive(what.op));
    step->mutable_wanted()->mutable_site()->set_stack(StackOf(wait));
    for (const HeldLock& lock : index_.HeldAt(wait)) {
      const bool is_wanted = std::any_of(deadlock.waits.begin(), deadlock.waits.end(), [&](EventIndex other) {
        return IsAcquire(index_.event(other).op) && index_.event(other).operand == lock.lock;
      });
      if (is_wanted && step->held().object() == 0) SetHeld(wait, lock, step->mutable_held());
    }
    report.add_tasks(step->task());
    report.add_objects(step->wanted().object());
  }

  // What tasks read may be what keeps them apart.
  absl::string_view Expectation() const { return ctx_.knows_memory ? "predicted" : "likely"; }

  void AddCloses() {
    for (const AccessPair& pair : PredictCloses(index_, PairsWanted::kOneForPlaces)) {
      if (ctx_.misused_channels.contains(index_.event(pair.first).operand)) continue;
      const Witness witness = WitnessOf(index_, pair);
      if (!IsBelieved(checker_.CheckClose(witness), "a close")) continue;
      const bool is_first_sent = IsSend(index_.event(pair.first).op);
      const bool has_send = is_first_sent || IsSend(index_.event(pair.second).op);
      wire::SanitizerReport& report =
          *AddReport(absl::StrCat(Expectation(), has_send ? "-send-closed" : "-close-closed"), pair.second);
      AddUse(has_send && !is_first_sent ? pair.second : pair.first, report);
      AddUse(has_send && !is_first_sent ? pair.first : pair.second, report);
      SetSchedule(witness, report.mutable_schedule());
    }
  }

  void AddNegativeGroups() {
    const NegativeGroups groups = FindNegativeGroups(index_);
    if (!groups.is_complete)
      damage_.push_back(
          absl::StrCat(ctx_.name, ": of the wait groups not all were looked at: there are too many"));
    for (const NegativeGroup& group : groups.found) {
      if (ctx_.misused_groups.contains(group.group)) continue;
      const Witness witness = WitnessOf(index_, group);
      if (!IsBelieved(checker_.CheckNegative(witness), "a wait group")) continue;
      wire::SanitizerReport& report =
          *AddReport(absl::StrCat(Expectation(), "-negative-group"), witness.next.front());
      AddUse(witness.next.front(), report);
      if (group.late_add != kNoEvent) AddUse(group.late_add, report);
      SetSchedule(witness, report.mutable_schedule());
    }
  }

  // What the task of `event` does to a channel or a wait group.
  void AddUse(EventIndex event, wire::SanitizerReport& report) const {
    wire::LockStep* step = report.add_steps();
    step->set_task(TaskOf(event));
    const uint32_t object = ctx_.thing_of(index_.event(event));
    step->mutable_wanted()->set_object(object);
    step->mutable_wanted()->mutable_site()->set_stack(StackOf(event));
    report.add_tasks(step->task());
    if (report.objects().empty()) report.add_objects(object);
  }

  const TraceContext& ctx_;
  const Trace& trace_;
  const TraceIndex& index_;
  const WitnessChecker checker_;
  std::unique_ptr<const FreeTrace> free_trace_;  // made when it is needed first
  absl::flat_hash_set<uint32_t> racy_variables_;
  absl::flat_hash_set<Places> racy_places_;
  ProcessModel& process_;
  std::vector<std::string>& damage_;
};

}  // namespace

void AddTraceFindings(const TraceContext& context, ProcessModel& process, std::vector<std::string>& damage) {
  TraceFindings(context, process, damage).Run();
}

}  // namespace stray::analyzer
