// SPDX-License-Identifier: Apache-2.0
// json_report.cc: schema stray.report/1 (docs/report.schema.json). Fields are only ever added.
//
// What is not known is null. Flags that say the unusual stand there only where they are true.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/fate.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/peers.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/report.h"
#include "analyzer/report/reported_json.h"
#include "analyzer/report/task_groups.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {
namespace {

using Json = nlohmann::ordered_json;
using Labels = absl::flat_hash_map<uint32_t, Json>;  // by task

std::string Hex(uint64_t value) { return absl::StrCat("0x", absl::Hex(value)); }

template <typename Number>
Json IdOrNull(Number id) {
  return id == 0 ? Json(nullptr) : Json(id);
}

Json FrameJson(const FrameView& view) {
  Json frame;
  const wire::Location* location = view.location;
  frame["function"] = location == nullptr ? "" : location->function();
  frame["file"] = location == nullptr || location->file().empty() ? Json(nullptr) : Json(location->file());
  frame["line"] = location == nullptr ? Json(nullptr) : IdOrNull(location->line());
  frame["module"] = view.module == nullptr ? Json(nullptr) : Json(view.module->path());
  frame["offset"] = view.module == nullptr ? Json(nullptr) : Json(view.offset);
  frame["address"] = view.made_up ? Json(nullptr) : Json(Hex(view.address));
  if (view.inlined) frame["inlined"] = true;
  if (view.role != FrameRole::kUser) frame["internal"] = true;
  return frame;
}

Json FramesJson(const ProcessModel& process, absl::Span<const uint64_t> addresses) {
  Json frames = Json::array();
  for (const FrameView& view : ExpandFrames(process, addresses)) frames.push_back(FrameJson(view));
  return frames;
}

Json FramesOfStackJson(const ProcessModel& process, uint32_t id) {
  const wire::Stack* stack = process.FindStack(id);
  if (stack == nullptr) return Json::array();
  return FramesJson(process, absl::MakeConstSpan(stack->addresses().data(), stack->addresses().size()));
}

Json SiteJson(const ProcessModel& process, const wire::Site& site) {
  const std::optional<FrameView> view = TopUserFrame(process, site);
  return view ? FrameJson(*view) : Json(nullptr);
}

Json SiteOfStackJson(const ProcessModel& process, const wire::TaskState& state) {
  wire::Site site;
  site.set_stack(state.stack());
  return SiteJson(process, state.stack() == 0 ? state.site() : site);
}

Json HeldJson(const ProcessModel& process, const EvidenceTask& task) {
  Json all = Json::array();
  for (const EvidenceHeld& held : task.held) {
    const wire::Object* object = process.FindObject(held.object);
    all.push_back({{"object", held.object},
                   {"name", object == nullptr ? "" : object->name()},
                   {"read", held.read},
                   {"taken_at", SiteJson(process, held.site)}});
  }
  return all;
}

Json CasesJson(const EvidenceTask& task) {
  Json all = Json::array();
  for (const EvidenceCase& one : task.cases)
    all.push_back({{"object", IdOrNull(one.object)}, {"operation", one.sends ? "send" : "receive"}});
  return all;
}

// What one task did with an object, and what has become of the task.
Json UseJson(const ProcessModel& process, const Peer& peer) {
  const SnapshotModel* snapshot = SnapshotToJudge(process);
  const bool ended = HasEnded(process, peer.task);
  const wire::TaskState* state = snapshot == nullptr || ended ? nullptr : snapshot->Find(peer.task);
  const bool blocked = state != nullptr && state->state() == "blocked";
  const std::optional<uint64_t> before = EndedBefore(process, snapshot, peer.task);
  Json json;
  json["task"] = peer.task;
  json["operation"] = peer.operation;
  json["count"] = peer.count;
  if (peer.at_least) json["at_least"] = true;
  json["last"] = peer.last;
  json["ended"] = ended;
  json["ended_before_ns"] = before.has_value() ? Json(*before) : Json(nullptr);
  json["state"] = state == nullptr ? Json(nullptr) : Json(state->state());
  json["wait_reason"] = blocked ? Json(state->wait_reason()) : Json(nullptr);
  json["blocked_at"] = blocked ? SiteOfStackJson(process, *state) : Json(nullptr);
  json["first_at"] = peer.at_least ? Json(nullptr) : SiteJson(process, peer.site);
  if (peer.at_least) json["last_at"] = SiteJson(process, peer.site);
  return json;
}

Json UsesJson(const ProcessModel& process, const std::vector<Peer>& peers) {
  Json all = Json::array();
  for (const Peer& peer : peers) all.push_back(UseJson(process, peer));
  return all;
}

// What is looked up for each finding of a process.
struct Lookups {
  explicit Lookups(const ProcessModel& process) : peers(process) {}

  Labels labels;
  PeerTable peers;
  // By object: the tasks of the last snapshot that wait for it, those that wait longest first.
  absl::flat_hash_map<uint32_t, std::vector<const wire::TaskState*>> waiters;
};

Lookups LookupsOf(const ProcessModel& process) {
  Lookups lookups(process);
  for (const wire::Label& label : process.labels) lookups.labels[label.task()][label.key()] = label.value();
  if (process.LastSnapshot() == nullptr) return lookups;
  for (const wire::TaskState& state : process.LastSnapshot()->tasks) {
    if (state.state() != "blocked") continue;
    if (state.object() != 0) lookups.waiters[state.object()].push_back(&state);
    for (const wire::SelectCase& one : state.cases()) lookups.waiters[one.object()].push_back(&state);
  }
  for (auto& [object, waiters] : lookups.waiters) {
    std::stable_sort(waiters.begin(), waiters.end(), [](const wire::TaskState* a, const wire::TaskState* b) {
      return a->since_ns() < b->since_ns();
    });
  }
  return lookups;
}

Json WaitersJson(const Lookups& lookups, uint32_t object) {
  Json all = Json::array();
  auto it = lookups.waiters.find(object);
  if (it == lookups.waiters.end()) return all;
  for (const wire::TaskState* state : it->second) all.push_back(state->task());
  return all;
}

Json EventJson(const ProcessModel& process, const wire::Event& event) {
  Json json;
  json["operation"] = event.kind();
  json["object"] = IdOrNull(event.object());
  json["task"] = IdOrNull(event.task());
  json["at"] = SiteJson(process, event.site());
  return json;
}

Json RecentJson(const ProcessModel& process, const std::vector<const wire::Event*>& events) {
  Json all = Json::array();
  for (const wire::Event* event : events) all.push_back(EventJson(process, *event));
  return all;
}

Json OrderJson(const ProcessModel& process, const EvidenceOrder& order) {
  Json json;
  json["from"] = order.from;
  json["to"] = order.to;
  json["object"] = IdOrNull(order.object);
  json["released"] = EventJson(process, *order.released);
  json["acquired"] = order.acquired == nullptr ? Json(nullptr) : EventJson(process, *order.acquired);
  return json;
}

Json TaskJson(const ProcessModel& process, const Labels& labels, const EvidenceTask& task, size_t group) {
  static const wire::Task* const kUnknown = new wire::Task;
  const wire::Task* record = process.FindTask(task.task);
  if (record == nullptr) record = kUnknown;
  auto own_labels = labels.find(task.task);
  Json json;
  json["task"] = task.task;
  json["kind"] = record->kind().empty() ? "thread" : record->kind();
  json["name"] = record->name();
  json["state"] = task.state;
  json["wait_reason"] = task.wait_reason;
  json["waits_on"] = task.waits_on.empty() ? Json(nullptr) : Json(task.waits_on);
  json["wait_ns"] = task.wait_ns == 0 ? Json(nullptr) : Json(task.wait_ns);
  json["object"] = IdOrNull(task.object);
  if (!task.cases.empty()) json["cases"] = CasesJson(task);
  json["test"] = record->test().empty() ? Json(nullptr) : Json(record->test());
  json["labels"] = own_labels == labels.end() ? Json::object() : own_labels->second;
  json["held"] = HeldJson(process, task);
  json["waits_for_task"] = IdOrNull(task.waits_for_task);
  json["parent"] = IdOrNull(record->parent());
  json["tid"] = IdOrNull(record->tid());
  json["main"] = record->main();
  if (task.access.has_value()) json["access"] = AccessJson(*task.access);
  if (!task.recent.empty()) json["recent"] = RecentJson(process, task.recent);
  json["group"] = group;
  return json;
}

// The stacks of a group's first task stand for the whole group.
void AddStacks(const ProcessModel& process, const TaskGroup& group, size_t index, Json& stacks) {
  if (group.tasks.empty()) return;
  for (const EvidenceStack& stack : group.tasks.front().stacks) {
    Json json;
    json["role"] = stack.role;
    json["frames"] = FramesJson(process, stack.addresses);
    json["group"] = index;
    json["cut"] = stack.cut;
    json["missing"] = stack.missing;
    stacks.push_back(std::move(json));
  }
}

void AddGroup(const ProcessModel& process, const Labels& labels, const TaskGroup& group, size_t index,
              Json& tasks, Json& stacks) {
  for (const EvidenceTask& task : group.tasks) tasks.push_back(TaskJson(process, labels, task, index));
  AddStacks(process, group, index, stacks);
}

Json ObjectJson(const ProcessModel& process, const Lookups& lookups, uint32_t id) {
  static const wire::Object* const kUnknown = new wire::Object;
  const wire::Object* object = process.FindObject(id);
  if (object == nullptr) object = kUnknown;
  Json json;
  json["object"] = id;
  json["kind"] = object->kind();
  json["name"] = object->name();
  json["label"] = ObjectName(process, id);
  json["address"] = object->address() == 0 ? Json(nullptr) : Json(Hex(object->address()));
  json["first_used_at"] = SiteJson(process, object->first_site());
  json["created"] = FramesOfStackJson(process, object->create_stack());
  json["waiters"] = WaitersJson(lookups, id);
  if (object->kind() == "channel") {
    json["capacity"] = object->capacity();
    json["length"] = object->length();
    json["closed"] = object->closed();
  }
  const std::vector<Peer> peers = lookups.peers.OfAllSides(id);
  if (!peers.empty() || object->kind() == "channel") {
    json["uses"] = UsesJson(process, peers);
    json["other_uses"] = object->other_uses();
  }
  if (object->holder() != 0 && object->kind() != "condition") {
    json["holder"] = object->holder();
    json["held_at"] = SiteJson(process, object->held_site());
  }
  if (object->kind() == "wait group") json["counter"] = object->value();
  for (const auto& [word, holds] : {std::pair<const char*, bool>{"recursive", object->recursive()},
                                    {"robust", object->robust()},
                                    {"error_check", object->error_check()},
                                    {"shared", object->shared()},
                                    {"destroyed", object->destroyed()}}) {
    if (holds) json[word] = true;
  }
  return json;
}

// The same as a finding's own tasks and stacks; groups are numbered anew.
Json ConsequencesJson(const ProcessModel& process, const Labels& labels, const std::vector<TaskGroup>& groups) {
  Json tasks = Json::array();
  Json stacks = Json::array();
  for (size_t i = 0; i < groups.size(); ++i) AddGroup(process, labels, groups[i], i, tasks, stacks);
  return {{"tasks", std::move(tasks)}, {"stacks", std::move(stacks)}};
}

Json GrowthJson(const EvidenceGrowth& growth) {
  return {{"first", growth.first},         {"now", growth.now},           {"per_minute", growth.per_minute},
          {"snapshots", growth.snapshots}, {"since_ns", growth.since_ns}, {"oldest_ns", growth.oldest_ns}};
}

Json EventJson(const WatchEvent& event) {
  Json json;
  json["kind"] = event.kind;
  json["count"] = event.count;
  json["told_before"] = event.told_before;
  json["time_ns"] = event.time_ns;
  return json;
}

Json FindingJson(const Finding& finding, const Lookups& lookups) {
  static const ProcessModel* const kNone = new ProcessModel;
  const ProcessModel& process = finding.process == nullptr ? *kNone : *finding.process;
  Json tasks = Json::array();
  Json stacks = Json::array();
  for (size_t i = 0; i < finding.groups.size(); ++i)
    AddGroup(process, lookups.labels, finding.groups[i], i, tasks, stacks);
  Json objects = Json::array();
  for (uint32_t id : finding.objects) objects.push_back(ObjectJson(process, lookups, id));
  Json json;
  json["id"] = finding.id;
  json["title"] = finding.title;
  json["explanation"] = finding.explanation;
  json["confidence"] = ConfidenceText(finding.confidence);
  json["count"] = finding.count;
  json["tasks"] = std::move(tasks);
  json["stacks"] = std::move(stacks);
  json["objects"] = std::move(objects);
  if (!finding.consequences.empty())
    json["consequences"] = ConsequencesJson(process, lookups.labels, finding.consequences);
  json["pid"] = process.process.pid();
  json["signature"] = finding.signature;
  if (finding.reported.has_value()) {
    json["reported"] =
        ReportedJson(*finding.reported, [&](uint32_t stack) { return FramesOfStackJson(process, stack); });
    if (finding.reported->last_order.has_value())
      json["reported"]["last_order"] = OrderJson(process, *finding.reported->last_order);
  }
  if (finding.growth.has_value()) json["growth"] = GrowthJson(*finding.growth);
  if (finding.suppressed) json["suppressed_by"] = finding.suppressed_by;
  if (finding.known.has_value()) json["baseline"] = *finding.known ? "known" : "new";
  if (finding.quarantine.has_value()) {
    json["quarantine"] = {{"rule", finding.quarantine->rule},
                          {"expires", finding.quarantine->expires},
                          {"ran_out", finding.quarantine->ran_out}};
  }
  if (!finding.exceeded.empty()) json["exceeded"] = finding.exceeded;
  return json;
}

Json LossesJson(const std::vector<wire::LossCount>& losses) {
  Json json = Json::object();
  for (const wire::LossCount& loss : losses) {
    if (loss.count() != 0) json[loss.word()] = loss.count();
  }
  return json;
}

Json AllLossesJson(const Model& model) {
  Json json = Json::object();
  for (const auto& process : model.processes) {
    for (const wire::LossCount& loss : process->losses) {
      if (loss.count() != 0) json[loss.word()] = json.value(loss.word(), uint64_t{0}) + loss.count();
    }
  }
  return json;
}

Json ProcessJson(const ProcessModel& model) {
  const wire::Process& process = model.process;
  Json json;
  json["name"] = ProgramName(model);
  json["path"] = process.program();
  json["pid"] = process.pid();
  json["parent_pid"] = IdOrNull(process.parent_pid());
  json["arguments"] = Json::array();
  for (const std::string& argument : process.arguments()) json["arguments"].push_back(argument);
  json["working_directory"] = process.working_directory();
  json["state"] = process.state();
  json["exit_status"] = process.has_exit_status() ? Json(process.exit_status()) : Json(nullptr);
  json["fatal_signal"] = IdOrNull(process.fatal_signal());
  json["tasks"] = model.tasks.size();
  json["losses"] = LossesJson(model.losses);
  if (!process.log().empty()) json["log"] = process.log();
  return json;
}

// What a text lists: its groups are what there is to read in it, whether something was found or not.
Json GroupsJson(const ProcessModel& process, const SnapshotModel& snapshot) {
  Json groups = Json::array();
  for (const TaskGroup& group : GroupsOfTasks(process, snapshot)) {
    const EvidenceTask& first = group.tasks.front();
    const auto [least, most] =
        std::minmax_element(group.tasks.begin(), group.tasks.end(),
                            [](const EvidenceTask& a, const EvidenceTask& b) { return a.wait_ns < b.wait_ns; });
    Json json;
    json["count"] = group.tasks.size();
    json["state"] = first.state;
    json["wait_reason"] = first.wait_reason;
    json["least_wait_ns"] = least->wait_ns;
    json["most_wait_ns"] = most->wait_ns;
    json["tasks"] = Json::array();
    for (const EvidenceTask& task : group.tasks) json["tasks"].push_back(task.task);
    json["stacks"] = Json::array();
    AddStacks(process, group, groups.size(), json["stacks"]);
    groups.push_back(std::move(json));
  }
  return groups;
}

Json SnapshotsJson(const Model& model) {
  Json all = Json::array();
  for (const auto& process : model.processes) {
    for (const SnapshotModel& snapshot : process->snapshots) {
      all.push_back({{"pid", process->process.pid()},
                     {"id", snapshot.info.id()},
                     {"reason", snapshot.info.reason()},
                     {"time_ns", snapshot.info.time_ns()},
                     {"stall_ns", snapshot.info.stall_ns()},
                     {"tasks", snapshot.tasks.size()},
                     {"unknown_threads", snapshot.info.unknown_threads()},
                     {"stacks_missing", snapshot.info.stacks_missing()}});
      if (IsListing(snapshot.info)) all.back()["groups"] = GroupsJson(*process, snapshot);
    }
  }
  return all;
}

void AddFindings(const std::vector<Finding>& findings, Json& json) {
  static const ProcessModel* const kNone = new ProcessModel;
  std::map<const ProcessModel*, Lookups> lookups;
  json["findings"] = Json::array();
  json["suppressed"] = Json::array();
  for (const Finding& finding : findings) {
    auto it = lookups.find(finding.process);
    if (it == lookups.end()) {
      const ProcessModel& process = finding.process == nullptr ? *kNone : *finding.process;
      it = lookups.emplace(finding.process, LookupsOf(process)).first;
    }
    json[finding.suppressed ? "suppressed" : "findings"].push_back(FindingJson(finding, it->second));
  }
}

}  // namespace

std::string JsonReport(const Model& model, const std::vector<Finding>& findings, const ReportOptions& options) {
  Json json;
  json["schema"] = "stray.report/1";
  if (options.event.has_value()) json["event"] = EventJson(*options.event);
  json["program"] = model.processes.empty() ? Json(nullptr) : ProcessJson(*model.processes.front());
  json["incomplete"] = IsIncomplete(model);
  json["remarks"] = Json::array();
  for (const DataRemark& remark : DataRemarks(model)) {
    json["remarks"].push_back({{"text", remark.text}, {"incomplete", remark.incomplete}});
  }
  json["notes"] = options.notes;
  json["snapshots"] = SnapshotsJson(model);
  AddFindings(findings, json);
  json["losses"] = AllLossesJson(model);
  json["processes"] = Json::array();
  for (const auto& process : model.processes) json["processes"].push_back(ProcessJson(*process));
  json["dumps"] = options.dump_paths;
  // Names from the program may be no UTF-8; such bytes become U+FFFD.
  return json.dump(options.one_line ? -1 : 1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stray::analyzer
