// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/rows.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/fate.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/task_stack.h"

namespace stray::analyzer {
namespace {

constexpr size_t kMaxDetails = 2000;               // objects
constexpr size_t kMaxEvents = 32;                  // of one object
constexpr size_t kMaxReachers = 64;                // tasks of one object
constexpr uint64_t kMaxExact = uint64_t{1} << 53;  // beyond, JavaScript has no exact integers

// Bits of the column "flags".
constexpr Number kStackMissing = 1, kStackCut = 2, kDidNotAnswer = 4, kIsMain = 8, kHasTimeout = 16;

const SnapshotModel& NoSnapshot() {
  static const SnapshotModel* const kNone = new SnapshotModel;
  return *kNone;
}

Number StackNumber(Stacks& stacks, const ProcessModel& process, const EvidenceStack& stack) {
  return stacks.OfAddresses(process, stack.addresses);
}

}  // namespace

ProcessFacts::ProcessFacts(const ProcessModel& model)
    : process(model),
      snapshot(SnapshotToJudge(model)),
      holders(model, snapshot == nullptr ? NoSnapshot() : *snapshot),
      peers(model) {
  if (snapshot != nullptr && snapshot->info.reach() == "complete") reachability.emplace(*snapshot);
}

// One vector for each column.
struct Rows::TaskColumns {
  std::vector<Number> process, id, label, kind, name, state, reason, object, for_task, stack, created, parent,
      test, labels, held, cases, verdict, stuck, finding, tid, flags;
  std::vector<uint64_t> wait_ns;
};

Rows::Rows(const Model& model, const TaskVerdicts& verdicts, Texts& texts, Lists& lists, Stacks& stacks)
    : model_(model), verdicts_(verdicts), texts_(texts), lists_(lists), stacks_(stacks) {
  for (const auto& process : model_.processes) {
    process_numbers_[process.get()] = static_cast<Number>(process_numbers_.size());
    const ProcessFacts& facts = *(facts_[process.get()] = std::make_unique<ProcessFacts>(*process));
    if (facts.snapshot == nullptr) continue;
    for (const wire::TaskState& state : facts.snapshot->tasks) {
      tasks_.push_back({&facts, state.task(), &state});
      task_rows_.try_emplace({process.get(), state.task()}, static_cast<Number>(tasks_.size()));
    }
  }
  live_ = tasks_.size();
}

Number Rows::Task(const ProcessModel& process, uint32_t id) {
  const auto facts = facts_.find(&process);
  if (id == 0 || facts == facts_.end()) return 0;
  const auto [it, is_new] = task_rows_.try_emplace({&process, id}, static_cast<Number>(tasks_.size() + 1));
  if (is_new) tasks_.push_back({facts->second.get(), id, nullptr});
  return it->second;
}

Number Rows::Object(const ProcessModel& process, uint32_t id) {
  const auto facts = facts_.find(&process);
  if (id == 0 || facts == facts_.end()) return 0;
  const auto [it, is_new] = object_rows_.try_emplace({&process, id}, static_cast<Number>(objects_.size() + 1));
  if (is_new) objects_.push_back({facts->second.get(), id});
  return it->second;
}

Number Rows::HeldOf(const ProcessModel& process, const wire::TaskState& state) {
  std::vector<Number> list;
  for (const wire::Held& held : state.held()) {
    list.insert(list.end(),
                {Object(process, held.object()), held.read() ? 1u : 0u, stacks_.FrameOf(process, held.site())});
  }
  return lists_.Of(std::move(list));
}

Number Rows::CasesOf(const ProcessModel& process, const wire::TaskState& state) {
  std::vector<Number> list;
  for (const wire::SelectCase& one : state.cases())
    list.insert(list.end(), {Object(process, one.object()), one.sends() ? 1u : 0u});
  return lists_.Of(std::move(list));
}

Number Rows::LabelsOf(const ProcessModel& process, uint32_t task) {
  std::vector<Number> list;
  for (const wire::Label* label : process.LabelsOf(task))
    list.insert(list.end(), {texts_.Of(label->key()), texts_.Of(label->value())});
  return lists_.Of(std::move(list));
}

void Rows::FillTask(const TaskRow& row, TaskColumns& columns) {
  static const wire::Task* const kUnknown = new wire::Task;
  static const wire::TaskState* const kNoState = new wire::TaskState;
  const ProcessModel& process = row.facts->process;
  const wire::Task* task = process.FindTask(row.id);
  if (task == nullptr) task = kUnknown;
  const wire::TaskState& state = row.state == nullptr ? *kNoState : *row.state;
  const EvidenceStack stack = row.state == nullptr ? EvidenceStack() : TaskStack(process, state);
  const TaskVerdict& verdict = verdicts_.Of(process, row.id);
  const auto finding = findings_.find(task_rows_.at({&process, row.id}));
  const bool is_blocked = state.state() == "blocked";
  columns.process.push_back(process_numbers_.at(&process));
  columns.id.push_back(row.id);
  columns.label.push_back(texts_.Of(TaskLabel(process, row.id)));
  columns.kind.push_back(texts_.Of(task->kind().empty() ? "thread" : task->kind()));
  columns.name.push_back(texts_.Of(task->name()));
  columns.state.push_back(texts_.Of(row.state != nullptr        ? state.state()
                                    : HasEnded(process, row.id) ? "ended"
                                                                : "not known"));
  columns.reason.push_back(texts_.Of(state.wait_reason()));
  columns.wait_ns.push_back(is_blocked ? std::min(state.wait_ns(), kMaxExact) : 0);
  columns.object.push_back(Object(process, state.object()));
  columns.for_task.push_back(Task(process, state.waits_for_task()));
  columns.stack.push_back(StackNumber(stacks_, process, stack));
  columns.created.push_back(stacks_.OfId(process, task->create_stack()));
  columns.parent.push_back(Task(process, task->parent()));
  columns.test.push_back(texts_.Of(task->test()));
  columns.labels.push_back(LabelsOf(process, row.id));
  columns.held.push_back(HeldOf(process, state));
  columns.cases.push_back(CasesOf(process, state));
  columns.verdict.push_back(texts_.Of(verdict.id));
  columns.stuck.push_back(verdict.stuck ? 1 : 0);
  columns.finding.push_back(finding == findings_.end() ? 0 : finding->second);
  columns.tid.push_back(static_cast<Number>(std::max(task->tid(), 0)));
  columns.flags.push_back((stack.missing ? kStackMissing : 0) | (stack.cut ? kStackCut : 0) |
                          (state.signal_blocked() ? kDidNotAnswer : 0) | (task->main() ? kIsMain : 0) |
                          (state.timed() ? kHasTimeout : 0));
}

Json Rows::TasksJson(const TaskColumns& c) const {
  return {{"count", tasks_.size()},
          {"live", live_},
          {"process", ColumnJson(c.process)},
          {"id", ColumnJson(c.id)},
          {"label", ColumnJson(c.label)},
          {"kind", ColumnJson(c.kind)},
          {"name", ColumnJson(c.name)},
          {"state", ColumnJson(c.state)},
          {"wait_reason", ColumnJson(c.reason)},
          {"wait_ns", ColumnJson(c.wait_ns)},
          {"object", ColumnJson(c.object)},
          {"waits_for_task", ColumnJson(c.for_task)},
          {"stack", ColumnJson(c.stack)},
          {"created", ColumnJson(c.created)},
          {"parent", ColumnJson(c.parent)},
          {"test", ColumnJson(c.test)},
          {"labels", ColumnJson(c.labels)},
          {"held", ColumnJson(c.held)},
          {"cases", ColumnJson(c.cases)},
          {"verdict", ColumnJson(c.verdict)},
          {"stuck", ColumnJson(c.stuck)},
          {"finding", ColumnJson(c.finding)},
          {"tid", ColumnJson(c.tid)},
          {"flags", ColumnJson(c.flags)}};
}

Json Rows::HoldersJson(const ObjectRow& row) {
  Json all = Json::array();
  const ProcessFacts& facts = *row.facts;
  for (const LockHolders::Holder& holder : facts.holders.HoldersOf(row.id)) {
    const wire::TaskState& state = facts.snapshot->tasks[holder.index];
    wire::Site site;
    for (const wire::Held& held : state.held()) {
      if (held.object() == row.id) site = held.site();
    }
    if (const wire::Object* object = facts.process.FindObject(row.id);
        site.stack() == 0 && site.address() == 0 && object != nullptr && object->holder() == state.task())
      site = object->held_site();
    all.push_back(
        {Task(facts.process, state.task()), holder.read ? 1 : 0, stacks_.FrameOf(facts.process, site)});
  }
  const LockHolders::Ended ended = facts.holders.EndedHolder(row.id);
  if (all.empty() && ended.task != 0)
    all.push_back({Task(facts.process, ended.task), 0, stacks_.FrameOf(facts.process, ended.site)});
  return all;
}

Json Rows::UsesJson(const ObjectRow& row) {
  Json all = Json::array();
  const ProcessModel& process = row.facts->process;
  for (const Peer& peer : row.facts->peers.OfAllSides(row.id)) {
    all.push_back({{"task", Task(process, peer.task)},
                   {"operation", texts_.Of(peer.operation)},
                   {"count", peer.count},
                   {"at_least", peer.at_least},
                   {"last", peer.last},
                   {"at", stacks_.FrameOf(process, peer.site)},
                   {"fate", texts_.Of(FateClause(process, row.facts->snapshot, peer.task))}});
  }
  return all;
}

Json Rows::ReachJson(const ObjectRow& row, const wire::Object& object) {
  const std::optional<Reachability>& reachability = row.facts->reachability;
  if (!reachability.has_value() || reachability->OfAddress(object.address()) == nullptr) return nullptr;
  std::vector<uint32_t> tasks = reachability->TasksWith(object.address());
  std::sort(tasks.begin(), tasks.end());
  Json rows = Json::array();
  for (size_t i = 0; i < std::min(tasks.size(), kMaxReachers); ++i)
    rows.push_back(Task(row.facts->process, tasks[i]));
  return {{"tasks", rows}, {"count", tasks.size()}};
}

Json Rows::DetailJson(const ObjectRow& row, const wire::Object& object, const RecentEvents& events) {
  const ProcessModel& process = row.facts->process;
  Json history = Json::array();
  for (const RecentEvent& entry : events.Telling(row.id, kMaxEvents)) {
    history.push_back({Task(process, entry.task), texts_.Of(entry.event->kind()),
                       stacks_.FrameOf(process, entry.event->site())});
  }
  Json json = {{"facts", texts_.Of(ObjectFacts(process, object))},
               {"uses", UsesJson(row)},
               {"other_uses", object.other_uses()},
               {"history", std::move(history)},
               {"reach", ReachJson(row, object)}};
  if (object.kind() == "channel") {
    json["capacity"] = object.capacity();
    json["length"] = object.length();
    json["closed"] = object.closed();
  }
  if (object.kind() == "wait group") json["counter"] = object.value();
  if (object.mutex() != 0) json["mutex"] = Object(process, object.mutex());
  return json;
}

Json Rows::ObjectsJson() {
  static const wire::Object* const kUnknown = new wire::Object;
  absl::flat_hash_map<const ProcessFacts*, absl::flat_hash_set<uint32_t>> detailed;
  for (size_t i = 0; i < std::min(objects_.size(), kMaxDetails); ++i)
    detailed[objects_[i].facts].insert(objects_[i].id);
  std::map<const ProcessFacts*, RecentEvents> events;
  for (const auto& [facts, ids] : detailed) events.emplace(facts, RecentEvents(facts->process, ids));
  std::vector<Number> process, id, kind, name, label, address, created, made;
  Json holders = Json::object();
  Json details = Json::array();
  for (size_t i = 0; i < objects_.size(); ++i) {  // it grows
    const ObjectRow row = objects_[i];
    const ProcessModel& model = row.facts->process;
    const wire::Object* object = model.FindObject(row.id);
    if (object == nullptr) object = kUnknown;
    process.push_back(process_numbers_.at(&model));
    id.push_back(row.id);
    kind.push_back(texts_.Of(ObjectKind(model, row.id)));
    name.push_back(texts_.Of(object->name()));
    label.push_back(texts_.Of(ObjectName(model, row.id)));
    address.push_back(
        texts_.Of(object->address() == 0 ? "" : absl::StrCat("0x", absl::Hex(object->address()))));
    created.push_back(stacks_.OfId(model, object->create_stack()));
    made.push_back(created.back() != 0 ? stacks_.FrameOfStack(model, object->create_stack())
                                       : stacks_.FrameOf(model, object->first_site()));
    if (Json of_object = HoldersJson(row); !of_object.empty())
      holders[std::to_string(i + 1)] = std::move(of_object);
    const auto known = events.find(row.facts);
    if (i < kMaxDetails && known != events.end()) details.push_back(DetailJson(row, *object, known->second));
  }
  return {{"count", objects_.size()},       {"process", ColumnJson(process)}, {"id", ColumnJson(id)},
          {"kind", ColumnJson(kind)},       {"name", ColumnJson(name)},       {"label", ColumnJson(label)},
          {"address", ColumnJson(address)}, {"created", ColumnJson(created)}, {"made_at", ColumnJson(made)},
          {"holders", std::move(holders)},  {"details", std::move(details)}};
}

Json Rows::ToJson() {
  TaskColumns columns;
  for (size_t i = 0; i < live_; ++i) FillTask(tasks_[i], columns);
  Json objects = ObjectsJson();
  for (size_t i = live_; i < tasks_.size(); ++i) FillTask(TaskRow(tasks_[i]), columns);  // it grows
  return {{"tasks", TasksJson(columns)}, {"objects", std::move(objects)}};
}

}  // namespace stray::analyzer
