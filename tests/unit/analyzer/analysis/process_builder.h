// SPDX-License-Identifier: Apache-2.0
// process_builder.h: small processes for tests of the analysis, written the way one would tell them.
//
//   ProcessBuilder p("hang");                       // the reason of the snapshot
//   p.Mutex(1, "a").Mutex(2, "b");
//   p.Main(1).Thread(2).Thread(3);
//   p.Blocked(2, "pthread_mutex_lock", 2).Holds(2, 1);
//   p.Blocked(3, "pthread_mutex_lock", 1).Holds(3, 2);
//   EXPECT_THAT(Summaries(p), ElementsAre("deadlock.cycle x1 T2 T3"));
//
// Every task gets a stack of its own unless Stack() gives it another.
#ifndef STRAY_TESTS_UNIT_ANALYZER_ANALYSIS_PROCESS_BUILDER_H_
#define STRAY_TESTS_UNIT_ANALYZER_ANALYSIS_PROCESS_BUILDER_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/evidence.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

class ProcessBuilder {
 public:
  explicit ProcessBuilder(const std::string& reason = "exit") : process_(std::make_unique<ProcessModel>()) {
    process_->process.set_pid(4711);
    process_->process.set_program("/build/app");
    NextSnapshot(reason);
  }

  // A further snapshot: states that follow belong to it.
  ProcessBuilder& NextSnapshot(const std::string& reason) {
    process_->snapshots.emplace_back();
    process_->snapshots.back().info.set_id(static_cast<uint32_t>(process_->snapshots.size()));
    process_->snapshots.back().info.set_reason(reason);
    return *this;
  }
  ProcessBuilder& NoSnapshot() {
    process_->snapshots.clear();
    return *this;
  }

  // Objects.
  ProcessBuilder& Object(uint32_t id, const std::string& kind, const std::string& name = "") {
    wire::Object& object = process_->objects.emplace_back();
    object.set_id(id);
    object.set_kind(kind);
    object.set_name(name);
    return *this;
  }
  ProcessBuilder& Mutex(uint32_t id, const std::string& name = "") { return Object(id, "mutex", name); }
  ProcessBuilder& Rwlock(uint32_t id, const std::string& name = "") { return Object(id, "rwlock", name); }
  wire::Object& object(uint32_t id) { return *Find(process_->objects, id); }

  // Tasks.
  ProcessBuilder& Main(uint32_t id = 1) {
    AddTask(id).set_main(true);
    return *this;
  }
  ProcessBuilder& Thread(uint32_t id, const std::string& name = "", uint32_t parent = 0) {
    wire::Task& task = AddTask(id);
    task.set_name(name);
    task.set_parent(parent);
    return *this;
  }
  ProcessBuilder& Finished(uint32_t id, const std::string& name = "") {
    wire::Task& task = AddTask(id);
    task.set_name(name);
    task.set_finished(true);
    return *this;
  }
  wire::Task& task(uint32_t id) { return *Find(process_->tasks, id); }

  // States in the newest snapshot.
  ProcessBuilder& Blocked(uint32_t id, const std::string& reason, uint32_t object = 0) {
    wire::TaskState& added = AddState(id, "blocked");
    added.set_wait_reason(reason);
    added.set_object(object);
    added.set_wait_ns(1'000'000'000);
    return *this;
  }
  ProcessBuilder& Joins(uint32_t id, uint32_t joined) {
    Blocked(id, "pthread_join");
    state(id).set_waits_for_task(joined);
    return *this;
  }
  ProcessBuilder& Running(uint32_t id) {
    AddState(id, "running");
    return *this;
  }
  ProcessBuilder& Holds(uint32_t id, uint32_t object, bool read = false) {
    wire::Held* held = state(id).add_held();
    held->set_object(object);
    held->set_read(read);
    held->set_count(1);
    *held->mutable_site() = SiteOf(absl::StrCat("Lock", object));
    return *this;
  }
  ProcessBuilder& Reads(uint32_t id, uint32_t object) { return Holds(id, object, true); }
  // The task that ended the program.
  ProcessBuilder& Ender(uint32_t id) {
    AddState(id, "running");
    info().set_taken_by(id);
    return *this;
  }
  wire::TaskState& state(uint32_t id) {
    auto& states = process_->snapshots.back().tasks;
    return *std::find_if(states.begin(), states.end(), [id](const auto& state) { return state.task() == id; });
  }
  wire::Snapshot& info() { return process_->snapshots.back().info; }
  wire::Process& process_record() { return process_->process; }
  ProcessModel& raw() { return *process_; }

  // Stacks: functions, innermost first. The same functions give the same stack.
  uint32_t StackOf(const std::vector<std::string>& functions) {
    auto [it, is_new] = stacks_.try_emplace(functions, process_->stacks.size() + 1);
    if (is_new) {
      wire::Stack& stack = process_->stacks.emplace_back();
      stack.set_id(it->second);
      for (const std::string& function : functions) stack.add_addresses(AddressOf(function));
    }
    return it->second;
  }
  ProcessBuilder& Stack(uint32_t id, const std::vector<std::string>& functions) {
    state(id).set_stack(StackOf(functions));
    return *this;
  }
  ProcessBuilder& CreatedAt(uint32_t id, const std::vector<std::string>& functions) {
    task(id).set_create_stack(StackOf(functions));
    return *this;
  }
  wire::Site SiteOf(const std::string& function) {
    wire::Site site;
    site.set_stack(StackOf({function}));
    return site;
  }
  // Address of a function that lies in `function`.cc, lines counted in order of first mention.
  uint64_t AddressOf(const std::string& function) {
    auto [it, is_new] = addresses_.try_emplace(function, 0x1000 + 0x10 * addresses_.size());
    if (is_new) {
      wire::Frame& frame = process_->frames.emplace_back();
      frame.set_address(it->second);
      wire::Location* location = frame.add_locations();
      location->set_function(function);
      location->set_file("/src/app.cc");
      location->set_line(static_cast<uint32_t>(addresses_.size()));
    }
    return it->second;
  }

  // Lock orders: `task` took the last of `locks` while it held the others. "r" as in {{1, 'r'}} reads.
  struct Use {
    uint32_t object;
    char how = 'w';  // w, r, or t for a try
  };
  wire::LockChain& Chain(const std::vector<Use>& locks, std::initializer_list<uint32_t> tasks,
                         uint32_t first_life = 0, uint32_t last_life = 0, const std::string& place = "") {
    wire::LockChain& chain = process_->lock_chains.emplace_back();
    for (const Use& use : locks) {
      wire::Held* entry = chain.add_entries();
      entry->set_object(use.object);
      entry->set_read(use.how == 'r');
      entry->set_tried(use.how == 't');
      *entry->mutable_site() = SiteOf(place.empty() ? absl::StrCat("Take", use.object) : place);
    }
    for (uint32_t task : tasks) {
      wire::Sighting* sighting = chain.add_sightings();
      sighting->set_task(task);
      sighting->set_first_life(first_life);
      sighting->set_last_life(std::max(first_life, last_life));
    }
    chain.set_sighting_count(static_cast<uint32_t>(tasks.size()));
    return chain;
  }
  // `parent` creates `child` at `create_life`; `joiner` joins it at `join_life` (0: nobody).
  ProcessBuilder& Life(uint32_t child, uint32_t parent, uint32_t create_life, uint32_t joiner = 0,
                       uint32_t join_life = 0) {
    wire::Task& record = task(child);
    record.set_parent(parent);
    record.set_create_life(create_life);
    record.set_joined_by(joiner);
    record.set_join_life(join_life);
    record.set_joined(joiner != 0);
    return *this;
  }
  wire::Event& AddEvent(uint32_t id, const std::string& kind, uint32_t object, uint32_t sequence = 0) {
    wire::Event* event = task(id).add_events();
    event->set_kind(kind);
    event->set_object(object);
    event->set_sequence(sequence);
    return *event;
  }
  wire::Misuse& AddMisuse(const std::string& kind, uint32_t task_id, uint32_t object,
                          const std::string& place) {
    wire::Misuse& misuse = process_->misuses.emplace_back();
    misuse.set_kind(kind);
    misuse.set_count(1);
    misuse.set_task(task_id);
    misuse.set_object(object);
    misuse.set_stack(StackOf({place}));
    return misuse;
  }

  // The process so far, indexed.
  const ProcessModel& Get() {
    process_->Index();
    return *process_;
  }
  std::vector<Finding> Findings(const AnalysisOptions& options = {}) {
    Get();
    if (model_.processes.empty()) model_.processes.push_back(std::move(process_));
    process_ = nullptr;
    return Analyze(model_, options);
  }

 private:
  template <typename Record>
  static typename std::vector<Record>::iterator Find(std::vector<Record>& records, uint32_t id) {
    return std::find_if(records.begin(), records.end(), [id](const auto& record) { return record.id() == id; });
  }
  wire::Task& AddTask(uint32_t id) {
    wire::Task& task = process_->tasks.emplace_back();
    task.set_id(id);
    task.set_kind("thread");
    return task;
  }
  wire::TaskState& AddState(uint32_t id, const std::string& word) {
    wire::TaskState& state = process_->snapshots.back().tasks.emplace_back();
    state.set_task(id);
    state.set_state(word);
    state.set_stack(StackOf({absl::StrCat("Work", id)}));
    return state;
  }

  std::unique_ptr<ProcessModel> process_;
  Model model_;
  std::map<std::vector<std::string>, uint32_t> stacks_;
  std::map<std::string, uint64_t> addresses_;
};

// "deadlock.cycle x1 T2 T3": id, count, tasks in ascending order.
// "deadlock.cycle x1 T2 T3 > T4 T5": behind the arrow, its consequences.
inline std::string Summary(const Finding& finding) {
  std::string text = absl::StrCat(finding.id, " x", finding.count);
  for (const std::vector<TaskGroup>* groups : {&finding.groups, &finding.consequences}) {
    std::set<uint32_t> tasks;
    for (uint32_t task : TaskIds(*groups)) tasks.insert(task);
    if (groups == &finding.consequences && !tasks.empty()) text += " >";
    for (uint32_t task : tasks) absl::StrAppend(&text, " T", task);
  }
  return text;
}

inline std::vector<std::string> Summaries(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  for (const Finding& finding : findings) all.push_back(Summary(finding));
  return all;
}

inline std::vector<std::string> Summaries(ProcessBuilder& builder, const AnalysisOptions& options = {}) {
  return Summaries(builder.Findings(options));
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_ANALYSIS_PROCESS_BUILDER_H_
