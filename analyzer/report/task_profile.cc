// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/task_profile.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/frames.h"
#include "analyzer/analysis/lock_holders.h"
#include "analyzer/analysis/wait_words.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"
#include "analyzer/report/stack_memo.h"
#include "analyzer/report/task_stack.h"
#include "analyzer/report/task_verdicts.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kNames[] = {"goroutine", "goroutineleak", "block", "mutex", "threadcreate"};

// Ours; a label of the program with such a key becomes "label.KEY".
constexpr absl::string_view kOwnKeys[] = {"created_by", "held_by", "object", "parent_id",
                                          "process",    "state",   "task",   "task_id",
                                          "test",       "verdict", "wait",   "wait_reason"};

bool IsOwnKey(absl::string_view key) {
  return key.empty() || std::find(std::begin(kOwnKeys), std::end(kOwnKeys), key) != std::end(kOwnKeys) ||
         absl::StartsWith(key, "pprof::");
}

// Labels by key; the last word of a key counts.
class Labels {
 public:
  void Text(absl::string_view key, absl::string_view text) {
    if (!text.empty()) labels_[std::string(key)] = {std::string(key), Printable(text), 0, ""};
  }
  void Number(absl::string_view key, uint64_t number, absl::string_view unit) {
    labels_[std::string(key)] = {std::string(key), "", static_cast<int64_t>(number), std::string(unit)};
  }
  std::vector<ProfileLabel> Take() const {
    std::vector<ProfileLabel> all;
    for (const auto& [key, label] : labels_) all.push_back(label);
    return all;
  }

 private:
  std::map<std::string, ProfileLabel> labels_;
};

// The times of a damaged dump may be anything.
int64_t Nanoseconds(uint64_t ns) {
  return static_cast<int64_t>(std::min<uint64_t>(ns, std::numeric_limits<int64_t>::max()));
}

int64_t Sum(int64_t a, int64_t b) {
  return a > std::numeric_limits<int64_t>::max() - b ? std::numeric_limits<int64_t>::max() : a + b;
}

bool IsLive(const wire::TaskState& state) { return state.state() != "finished"; }
bool IsBlocked(const wire::TaskState& state) { return state.state() == "blocked"; }

// Adds samples, those with the same stack and labels up. Stacks are the same from user code on: what that has
// called to wait may have come to the kernel, or to the switch to another goroutine, by several ways.
class Samples {
 public:
  void Add(ProfileSample sample) {
    std::string key = absl::StrCat(StackKey(sample), sample.placeholder);
    for (const ProfileLabel& label : sample.labels)
      absl::StrAppend(&key, "\n", label.key, "\t", label.text, "\t", label.number);
    const auto [it, is_new] = places_.try_emplace(std::move(key), samples_.size());
    if (is_new) {
      samples_.push_back(std::move(sample));
      return;
    }
    samples_[it->second].count = Sum(samples_[it->second].count, sample.count);
    samples_[it->second].wait_ns = Sum(samples_[it->second].wait_ns, sample.wait_ns);
  }

  std::vector<ProfileSample> Take() {
    std::stable_sort(samples_.begin(), samples_.end(),
                     [](const ProfileSample& a, const ProfileSample& b) { return a.count > b.count; });
    return std::move(samples_);
  }

 private:
  const std::string& StackKey(const ProfileSample& sample) {
    const std::string whole =
        absl::StrCat(reinterpret_cast<uintptr_t>(sample.process), sample.first_is_exact ? "!" : " ",
                     absl::StrJoin(sample.addresses, ","));
    const auto [it, is_new] = keys_.try_emplace(whole, whole);
    if (!is_new || sample.addresses.empty()) return it->second;
    const std::vector<FrameView> shown = FramesToShow(*sample.process, sample.addresses);
    if (shown.empty() || shown.front().address == sample.addresses.front()) return it->second;
    const auto from = std::find(sample.addresses.begin(), sample.addresses.end(), shown.front().address);
    it->second = absl::StrCat(reinterpret_cast<uintptr_t>(sample.process), " ",
                              absl::StrJoin(from, sample.addresses.end(), ","));
    return it->second;
  }

  absl::flat_hash_map<std::string, std::string> keys_;  // by the whole stack
  std::vector<ProfileSample> samples_;
  absl::flat_hash_map<std::string, size_t> places_;
};

// Makes the samples of one process.
class ProcessSamples {
 public:
  ProcessSamples(const ProcessModel& process, const SnapshotModel& snapshot, const TaskVerdicts& verdicts,
                 const ProfileOptions& options, bool several)
      : process_(process), snapshot_(snapshot), verdicts_(verdicts), options_(options), several_(several) {}

  void AddTo(Samples& samples, std::vector<std::string>& comments) const {
    AddEnded(samples, comments);
    if (options_.kind == ProfileKind::kMutex) {
      AddHolders(samples, comments);
      return;
    }
    for (const wire::TaskState& state : snapshot_.tasks) {
      if (IsWanted(state)) samples.Add(SampleOf(state));
    }
  }

 private:
  bool IsWanted(const wire::TaskState& state) const {
    if (!IsLive(state)) return false;
    const wire::Task* task = process_.FindTask(state.task());
    switch (options_.kind) {
      case ProfileKind::kGoroutineLeak:
        return verdicts_.Of(process_, state.task()).stuck;
      case ProfileKind::kBlock:
        return IsBlocked(state) && WaitOf(process_, state).waker != Waker::kTimer;
      case ProfileKind::kThreadCreate:
        return task == nullptr || task->kind() == "thread" || task->kind().empty();
      default:
        return true;
    }
  }

  std::string CreatedBy(uint32_t id) const {
    const wire::Task* task = process_.FindTask(id);
    if (task == nullptr || task->create_stack() == 0) return "";
    return creators_.Of(task->create_stack(), [&] {
      wire::Site site;
      site.set_stack(task->create_stack());
      const std::optional<FrameView> view = TopUserFrame(process_, site);
      return view.has_value() ? DisplayName(*view) : std::string();
    });
  }

  // Objects without a name of their own are told by where they come from, so that the thousand tasks that wait
  // for a thousand channels made at one line stay together.
  std::string ObjectText(uint32_t id) const {
    if (id == 0) return "";
    const wire::Object* object = process_.FindObject(id);
    if (object == nullptr) return "";
    if (options_.per_task || HasOwnName(process_, *object)) return ObjectLabel(process_, id);
    const std::string made =
        makers_.Of(object->create_stack(), [&] { return PlaceOfStack(process_, object->create_stack()); });
    if (!made.empty()) return absl::StrCat(object->kind(), " made at ", made);
    const std::string first = PlaceLabel(process_, object->first_site());
    return first.empty() ? object->kind() : absl::StrCat(object->kind(), " first used at ", first);
  }

  void AddLabelsOfTask(uint32_t id, Labels& labels) const {
    for (const wire::Label* label : process_.LabelsOf(id)) {
      const std::string key = Printable(label->key());
      labels.Text(IsOwnKey(key) ? absl::StrCat("label.", key) : key, label->value());
    }
    if (several_) labels.Text("process", ProcessName(process_));
    labels.Text("verdict", verdicts_.Of(process_, id).id);
    const wire::Task* task = process_.FindTask(id);
    if (task == nullptr) return;
    labels.Text("test", task->test());
    if (!options_.per_task) return;
    labels.Text("task", TaskLabel(process_, id));
    labels.Number("task_id", id, "id");
    if (task->parent() != 0) labels.Number("parent_id", task->parent(), "id");
  }

  ProfileSample SampleOf(const wire::TaskState& state) const {
    ProfileSample sample;
    sample.process = &process_;
    sample.count = 1;
    if (IsBlocked(state)) sample.wait_ns = Nanoseconds(state.wait_ns());
    SetStack(state, sample);
    if (!options_.labels) return sample;
    Labels labels;
    AddLabelsOfTask(state.task(), labels);
    labels.Text("state", state.state());
    labels.Text("created_by", CreatedBy(state.task()));
    if (IsBlocked(state)) {
      labels.Text("wait_reason", state.wait_reason());
      labels.Text("object", ObjectText(state.object()));
      if (options_.per_task) labels.Number("wait", state.wait_ns(), "nanoseconds");
    }
    sample.labels = labels.Take();
    return sample;
  }

  void SetStack(const wire::TaskState& state, ProfileSample& sample) const {
    if (options_.kind == ProfileKind::kThreadCreate) {
      const wire::Task* task = process_.FindTask(state.task());
      const wire::Stack* stack = task == nullptr ? nullptr : process_.FindStack(task->create_stack());
      if (stack != nullptr) sample.addresses.assign(stack->addresses().begin(), stack->addresses().end());
      sample.placeholder = task != nullptr && task->main() ? "[start of the process]" : "[creation not seen]";
    } else {
      const EvidenceStack stack = TaskStack(process_, state);
      sample.addresses = stack.addresses;
      sample.first_is_exact = stack.first_is_exact;
      sample.placeholder = "[stack missing]";
    }
    if (!sample.addresses.empty()) sample.placeholder.clear();
  }

  // Waits that are over.
  void AddEnded(Samples& samples, std::vector<std::string>& comments) const {
    if (!IsContention(options_.kind)) return;
    const bool is_block = options_.kind == ProfileKind::kBlock;
    const wire::Process& process = process_.process;
    for (const wire::ProfileSite& site : process_.profile_sites) {
      if (site.profile() == NameOfProfile(options_.kind)) samples.Add(EndedSample(site));
    }
    const bool is_counted = is_block ? process.block_rate_ns() != 0 : process.mutex_fraction() != 0;
    if (is_counted || !process.log().empty()) return;
    comments.push_back(absl::StrCat(several_ ? absl::StrCat(ProcessName(process_), ": ") : "",
                                    "waits that are over are not counted at this moment (",
                                    is_block ? "--block-profile-rate" : "--mutex-profile-fraction", ")"));
  }

  ProfileSample EndedSample(const wire::ProfileSite& site) const {
    ProfileSample sample;
    sample.process = &process_;
    sample.count = Nanoseconds(site.count());
    sample.wait_ns = Nanoseconds(site.delay_ns());
    if (const wire::Stack* stack = process_.FindStack(site.stack())) {
      sample.addresses.assign(stack->addresses().begin(), stack->addresses().end());
      sample.first_is_exact = stack->first_is_exact();
    }
    if (sample.addresses.empty()) sample.placeholder = "[place not known]";
    if (!options_.labels) return sample;
    Labels labels;
    if (several_) labels.Text("process", ProcessName(process_));
    labels.Text("state", "ended");
    labels.Text("wait_reason", site.wait_reason());
    sample.labels = labels.Take();
    return sample;
  }

  // One sample for each holder of each lock that somebody waits for.
  void AddHolders(Samples& samples, std::vector<std::string>& comments) const {
    std::map<uint32_t, std::pair<int64_t, int64_t>> waits;  // by object: how many, how long
    for (const wire::TaskState& state : snapshot_.tasks) {
      if (!IsBlocked(state) || state.object() == 0 || WaitOf(process_, state).waker != Waker::kHolder) continue;
      auto& [tasks, wait_ns] = waits[state.object()];
      ++tasks;
      wait_ns = Sum(wait_ns, Nanoseconds(state.wait_ns()));
    }
    const LockHolders holders(process_, snapshot_);
    int64_t unheld = 0;
    for (const auto& [object, wait] : waits) {
      const auto live = holders.HoldersOf(object);
      const LockHolders::Ended ended = holders.EndedHolder(object);
      for (const LockHolders::Holder& holder : live) {
        const wire::TaskState& state = snapshot_.tasks[holder.index];
        samples.Add(HolderSample(object, state.task(), SiteOf(state, object), state.state(), wait));
      }
      if (live.empty() && ended.task != 0)
        samples.Add(HolderSample(object, ended.task, ended.site, "finished", wait));
      if (live.empty() && ended.task == 0) unheld += wait.first;
    }
    if (unheld == 0) return;
    comments.push_back(absl::StrCat(several_ ? absl::StrCat(ProcessName(process_), ": ") : "",
                                    Counted(static_cast<uint64_t>(unheld), "task"),
                                    unheld == 1 ? " waits" : " wait",
                                    " for a lock whose holder is not known: not in this profile"));
  }

  wire::Site SiteOf(const wire::TaskState& state, uint32_t object) const {
    for (const wire::Held& held : state.held()) {
      if (held.object() == object) return held.site();
    }
    const wire::Object* record = process_.FindObject(object);
    return record == nullptr ? wire::Site() : record->held_site();
  }

  ProfileSample HolderSample(uint32_t object, uint32_t task, const wire::Site& site, const std::string& state,
                             std::pair<int64_t, int64_t> wait) const {
    ProfileSample sample;
    sample.process = &process_;
    sample.count = wait.first;
    sample.wait_ns = wait.second;
    const wire::Stack* stack = site.stack() == 0 ? nullptr : process_.FindStack(site.stack());
    if (stack != nullptr) {
      sample.addresses.assign(stack->addresses().begin(), stack->addresses().end());
      sample.first_is_exact = stack->first_is_exact();
    } else if (site.address() != 0) {
      sample.addresses = {site.address()};
    } else {
      sample.placeholder = "[place not known]";
    }
    if (!options_.labels) return sample;
    Labels labels;
    AddLabelsOfTask(task, labels);
    labels.Text("state", state);
    labels.Text("object", ObjectText(object));
    if (options_.per_task) labels.Text("held_by", TaskLabel(process_, task));
    sample.labels = labels.Take();
    return sample;
  }

  const ProcessModel& process_;
  const SnapshotModel& snapshot_;
  const TaskVerdicts& verdicts_;
  const ProfileOptions& options_;
  const bool several_;
  mutable StackMemo creators_;  // functions
  mutable StackMemo makers_;    // places
};

int64_t RealTimeOf(const ProcessModel& process, const SnapshotModel& snapshot) {
  const wire::Process& record = process.process;
  if (record.start_realtime_ns() == 0 || snapshot.info.time_ns() < record.start_ns()) return 0;
  return static_cast<int64_t>(record.start_realtime_ns() + (snapshot.info.time_ns() - record.start_ns()));
}

}  // namespace

std::vector<std::string> ProfileNames() { return {std::begin(kNames), std::end(kNames)}; }

std::optional<ProfileKind> ProfileOfName(absl::string_view name) {
  const auto* const it = std::find(std::begin(kNames), std::end(kNames), name);
  if (it == std::end(kNames)) return std::nullopt;
  return static_cast<ProfileKind>(it - std::begin(kNames));
}

std::string NameOfProfile(ProfileKind kind) { return std::string(kNames[static_cast<size_t>(kind)]); }

bool IsContention(ProfileKind kind) { return kind == ProfileKind::kBlock || kind == ProfileKind::kMutex; }

bool HasTasks(const Model& model) {
  return std::any_of(model.processes.begin(), model.processes.end(),
                     [](const auto& process) { return SnapshotToJudge(*process) != nullptr; });
}

TaskProfile MakeTaskProfile(const Model& model, const std::vector<Finding>& findings,
                            const ProfileOptions& options) {
  TaskProfile profile;
  profile.kind = options.kind;
  profile.comments.push_back(absl::StrCat("stray: ", Headline(model, findings)));
  for (const DataRemark& remark : DataRemarks(model)) {
    profile.comments.push_back(
        Printable(absl::StrCat(remark.incomplete ? "data is incomplete: " : "note: ", remark.text)));
  }
  const TaskVerdicts verdicts(findings);
  Samples samples;
  for (const auto& process : model.processes) {
    const SnapshotModel* snapshot = SnapshotToJudge(*process);
    if (snapshot == nullptr) continue;
    profile.time_ns = std::max(profile.time_ns, RealTimeOf(*process, *snapshot));
    ProcessSamples(*process, *snapshot, verdicts, options, model.processes.size() > 1)
        .AddTo(samples, profile.comments);
  }
  profile.samples = samples.Take();
  return profile;
}

}  // namespace stray::analyzer
