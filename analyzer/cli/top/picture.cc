// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/picture.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/names.h"
#include "analyzer/report/object_text.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"
#include "analyzer/report/stack_text.h"
#include "analyzer/report/task_stack.h"
#include "analyzer/report/task_verdicts.h"

namespace stray::analyzer {
namespace {

constexpr size_t kAllFrames = SIZE_MAX;

// The rows of one process.
class ProcessRows {
 public:
  ProcessRows(Picture& out, uint32_t index, const SnapshotModel& snapshot, const TaskVerdicts& verdicts)
      : process_(*out.model.processes[index]),
        snapshot_(snapshot),
        verdicts_(verdicts),
        out_(out),
        holders_(process_, snapshot),
        index_(index),
        process_number_(out.words.Add(Printable(ProcessName(process_)))) {}

  void Add() {
    out_.tasks.reserve(out_.tasks.size() + snapshot_.tasks.size());
    for (const wire::TaskState& state : snapshot_.tasks) {
      if (state.state() == "finished") continue;
      AddTask(state);
    }
    for (const wire::Object& object : process_.objects) AddObject(object);
  }

 private:
  using Memo = absl::flat_hash_map<uint64_t, uint32_t>;

  struct Queue {
    uint64_t waiters = 0;
    uint64_t oldest_ns = 0;
  };

  uint32_t Remember(Memo& memo, uint64_t key, const std::function<std::string()>& text) {
    const auto [it, is_new] = memo.try_emplace(key, 0);
    if (is_new) it->second = out_.words.Add(Printable(text()));
    return it->second;
  }

  void Set(TaskRow& row, Facet facet, uint32_t number) { row.facets[static_cast<size_t>(facet)] = number; }

  void AddTask(const wire::TaskState& state) {
    const wire::Task* task = process_.FindTask(state.task());
    const bool is_blocked = state.state() == "blocked";
    TaskRow row;
    row.process = &process_;
    row.process_index = index_;
    row.task = state.task();
    row.wait_ns = is_blocked ? state.wait_ns() : 0;
    row.name = Printable(TaskLabel(process_, state.task()));
    Set(row, Facet::kSite, SiteOf(state));
    if (task != nullptr) Set(row, Facet::kCreation, CreationOf(*task));
    Set(row, Facet::kReason, out_.words.Add(Printable(is_blocked ? state.wait_reason() : state.state())));
    Set(row, Facet::kState, out_.words.Add(Printable(state.state())));
    if (task != nullptr) Set(row, Facet::kTest, out_.words.Add(Printable(task->test())));
    Set(row, Facet::kFinding, out_.words.Add(verdicts_.Of(process_, state.task()).id));
    Set(row, Facet::kLabels, LabelsOf(state.task()));
    Set(row, Facet::kProcess, process_number_);
    if (is_blocked && state.object() != 0) {
      Set(row, Facet::kObject, LabelOf(state.object()));
      Wait(state.object(), state.wait_ns());
    }
    for (const wire::SelectCase& one : state.cases()) Wait(one.object(), state.wait_ns());
    out_.blocked += is_blocked ? 1 : 0;
    out_.tasks.push_back(std::move(row));
  }

  uint32_t LabelOf(uint32_t object) {
    return Remember(objects_, object, [&] { return ObjectLabel(process_, object); });
  }

  void Wait(uint32_t object, uint64_t wait_ns) {
    Queue& queue = queues_[object];
    ++queue.waiters;
    queue.oldest_ns = std::max(queue.oldest_ns, wait_ns);
  }

  uint32_t SiteOf(const wire::TaskState& state) {
    const uint32_t stack = state.stack() != 0 ? state.stack() : state.site().stack();
    if (stack != 0) {
      return Remember(sites_, stack,
                      [&] { return StackChain(process_, TaskStack(process_, state), kAllFrames); });
    }
    return Remember(places_, state.site().address(),
                    [&] { return StackChain(process_, TaskStack(process_, state), kAllFrames); });
  }

  uint32_t CreationOf(const wire::Task& task) {
    if (task.main()) return out_.words.Add("main thread");
    const wire::Stack* stack = process_.FindStack(task.create_stack());
    if (stack == nullptr) return 0;
    return Remember(creations_, stack->id(), [&] {
      EvidenceStack evidence;
      evidence.role = "created";
      evidence.addresses.assign(stack->addresses().begin(), stack->addresses().end());
      return StackChain(process_, evidence, kAllFrames);
    });
  }

  uint32_t LabelsOf(uint32_t task) {
    std::vector<std::string> labels;
    for (const wire::Label* label : process_.LabelsOf(task))
      labels.push_back(absl::StrCat(label->key(), "=", label->value()));
    std::sort(labels.begin(), labels.end());
    return labels.empty() ? 0 : out_.words.Add(Printable(absl::StrJoin(labels, ", ")));
  }

  void AddObject(const wire::Object& object) {
    const auto queue = queues_.find(object.id());
    ObjectRow row;
    row.state = Printable(ObjectStateText(process_, snapshot_, holders_, object));
    const bool is_waited_for = queue != queues_.end();
    const bool is_held = IsLockKind(object.kind()) && !row.state.empty() && row.state != "free";
    const bool is_shared_state = object.kind() == "channel" || object.uses_size() != 0;
    if (!is_waited_for && (object.destroyed() || (!is_held && !is_shared_state))) return;
    row.process = &process_;
    row.process_index = index_;
    row.object = object.id();
    row.kind = object.kind();
    row.name = Printable(ObjectName(process_, object.id()));
    if (is_waited_for) {
      row.waiters = queue->second.waiters;
      row.oldest_ns = queue->second.oldest_ns;
      row.label = LabelOf(object.id());
    }
    out_.objects.push_back(std::move(row));
  }

  const ProcessModel& process_;
  const SnapshotModel& snapshot_;
  const TaskVerdicts& verdicts_;
  Picture& out_;
  const LockHolders holders_;
  const uint32_t index_;
  const uint32_t process_number_;
  Memo sites_, places_, creations_, objects_;
  absl::flat_hash_map<uint32_t, Queue> queues_;
};

FindingRow RowOf(const Finding& finding, size_t number) {
  FindingRow row;
  row.finding = &finding;
  row.number = number;
  for (const std::vector<TaskGroup>* groups : {&finding.groups, &finding.consequences}) {
    for (const TaskGroup& group : *groups) {
      row.tasks += group.tasks.size();
      for (const EvidenceTask& task : group.tasks) row.oldest_ns = std::max(row.oldest_ns, task.wait_ns);
    }
  }
  return row;
}

void AddFindings(Picture& picture) {
  for (const Finding* finding : InReportOrder(picture.verdict.findings))
    picture.findings.push_back(RowOf(*finding, picture.findings.size() + 1));
  absl::flat_hash_set<const Finding*> shown;
  for (const FindingRow& row : picture.findings) shown.insert(row.finding);
  for (const Finding& finding : picture.verdict.findings) {
    if (!shown.contains(&finding)) picture.findings.push_back(RowOf(finding, 0));
  }
  absl::flat_hash_map<std::string, size_t> repeats;
  for (FindingRow& row : picture.findings) row.repeat = repeats[row.finding->signature]++;
}

PictureCounts CountsOf(const Picture& picture) {
  PictureCounts counts;
  for (size_t facet = 0; facet < kFacets; ++facet) {
    std::vector<uint64_t> tasks(picture.words.size());
    for (const TaskRow& row : picture.tasks) ++tasks[row.facets[facet]];
    for (uint32_t number = 0; number < tasks.size(); ++number) {
      if (tasks[number] != 0) counts.tasks[facet][picture.words[number]] = tasks[number];
    }
  }
  for (const FindingRow& row : picture.findings) counts.findings.insert(row.finding->signature);
  return counts;
}

}  // namespace

uint32_t WordPool::Add(const std::string& text) {
  const auto [it, is_new] = numbers_.try_emplace(text, static_cast<uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(std::make_unique<const std::string>(text));
  return it->second;
}

uint64_t PictureCounts::Of(Facet facet, const std::string& text) const {
  const auto& map = tasks[static_cast<size_t>(facet)];
  const auto found = map.find(text);
  return found == map.end() ? 0 : found->second;
}

const SnapshotModel* SnapshotShown(const ProcessModel& process) { return SnapshotToJudge(process); }

std::shared_ptr<const Picture> MakePicture(Model model, Verdict verdict) {
  auto picture = std::make_shared<Picture>();
  picture->model = std::move(model);
  picture->verdict = std::move(verdict);
  AddFindings(*picture);
  const TaskVerdicts verdicts(picture->verdict.findings);
  for (uint32_t i = 0; i < picture->model.processes.size(); ++i) {
    const SnapshotModel* snapshot = SnapshotShown(*picture->model.processes[i]);
    if (snapshot == nullptr) continue;
    picture->in_program_ns = std::max<uint64_t>(picture->in_program_ns, snapshot->info.stall_ns());
    ProcessRows(*picture, i, *snapshot, verdicts).Add();
  }
  picture->headline = Printable(Headline(picture->model, picture->verdict.findings));
  for (const DataRemark& remark : DataRemarks(picture->model)) {
    if (remark.incomplete) picture->remarks.push_back(Printable(remark.text));
  }
  picture->counts = CountsOf(*picture);
  return picture;
}

}  // namespace stray::analyzer
