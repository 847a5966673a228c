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
#include "analyzer/load/trace_findings.h"
#include "analyzer/load/utf8.h"
#include "analyzer/trace/std_format.h"

namespace stray::analyzer {
namespace {

// Locks are numbered from 1 in a model.
uint32_t ObjectOf(uint32_t lock) { return lock + 1; }

// "T7" is what a task with that number is called anyway; 0: it is called otherwise.
uint32_t IdInName(const std::string& name) {
  uint64_t number = 0;
  const bool is_number = name.size() > 1 && name[0] == 'T' && absl::SimpleAtoi(name.substr(1), &number);
  return is_number && absl::StrCat("T", number) == name ? LogThread(number) : 0;
}

class TraceModel {
 public:
  TraceModel(const Trace& trace, const TraceIndex& index, const std::string& name)
      : trace_(trace),
        index_(index),
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
    AddObjects("channel", trace.channels, channel_objects_);
    AddObjects("wait group", trace.groups, group_objects_);
    for (const TraceEvent& event : trace.events) {
      if (event.op == TraceOp::kAcquireRead) process_->objects[event.operand].set_kind("rwlock");
    }
  }

  Model Run() {
    TraceContext context = {.trace = trace_, .index = index_, .name = name_, .task_ids = task_ids_};
    for (uint32_t lock = 0; lock < trace_.locks.size(); ++lock) context.lock_objects.push_back(ObjectOf(lock));
    context.thing_of = [this](const TraceEvent& event) {
      return (IsOfChannel(event.op) ? channel_objects_ : group_objects_)[event.operand];
    };
    context.stack_of = [this](EventIndex event) { return StackOf(event); };
    context.describe = [this](uint32_t variable, wire::SanitizerReport& report) {
      wire::MemoryPlace* place = report.add_places();
      place->set_kind("global");
      place->set_name(trace_.variables[variable]);
    };
    context.is_shown = [](EventIndex) { return true; };
    context.name_step = [this](EventIndex event, wire::ScheduleStep& step) {
      const std::string& name = NameOf(index_.event(event));
      const bool reads = index_.event(event).op == TraceOp::kAcquireRead;
      step.set_what(reads ? absl::StrCat("locks ", name, " for reading")
                          : absl::StrCat(step.what(), " ", name));
    };
    AddTraceFindings(context, *process_, model_.damage);
    process_->Index();
    model_.processes.push_back(std::move(process_));
    return std::move(model_);
  }

 private:
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

  void AddObjects(const char* kind, const std::vector<std::string>& names, std::vector<uint32_t>& objects) {
    for (const std::string& name : names) {
      objects.push_back(static_cast<uint32_t>(process_->objects.size() + 1));
      wire::Object& object = process_->objects.emplace_back();
      object.set_id(objects.back());
      object.set_kind(kind);
      object.set_name(name);
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

  // Of what an event is on.
  const std::string& NameOf(const TraceEvent& event) const {
    if (IsAccess(event.op)) return trace_.variables[event.operand];
    if (event.op == TraceOp::kFork || event.op == TraceOp::kJoin) return trace_.tasks[event.operand];
    if (IsOfChannel(event.op)) return trace_.channels[event.operand];
    if (IsOfGroup(event.op)) return trace_.groups[event.operand];
    return GivesToSync(event.op) || GetsFromSync(event.op) ? trace_.syncs[event.operand]
                                                           : trace_.locks[event.operand];
  }

  const Trace& trace_;
  const TraceIndex& index_;
  const std::string& name_;
  Model model_;
  std::unique_ptr<ProcessModel> process_;
  LogCode code_;
  std::vector<uint32_t> stacks_;    // by location
  std::vector<uint32_t> task_ids_;  // in the model
  std::vector<uint32_t> channel_objects_, group_objects_;
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
  for (std::vector<std::string>* names :
       {&trace->tasks, &trace->variables, &trace->locks, &trace->syncs, &trace->channels, &trace->groups}) {
    for (std::string& one : *names) one = ToUtf8(one);
  }
  const absl::StatusOr<TraceIndex> index = TraceIndex::Make(*trace);
  if (!index.ok()) return absl::InvalidArgumentError(absl::StrCat(name, ": ", index.status().message()));
  return TraceModel(*trace, *index, name).Run();
}

}  // namespace stray::analyzer
