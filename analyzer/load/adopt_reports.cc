// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/adopt_reports.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/log_code.h"
#include "analyzer/load/race_log.h"

namespace stray::analyzer {
namespace {

using Ids = absl::flat_hash_map<uint32_t, uint32_t>;  // of the log, in the process

template <typename T>
uint32_t LargestId(const std::vector<T>& records) {
  uint32_t largest = 0;
  for (const T& record : records) largest = std::max(largest, record.id());
  return largest;
}

// What runtime/scheduler.cc calls a fiber: goroutine 5 "worker".
struct FiberName {
  uint32_t number;
  absl::string_view name;
};

std::optional<FiberName> ReadFiberName(absl::string_view text) {
  FiberName fiber = {};
  if (!absl::ConsumePrefix(&text, "goroutine ")) return std::nullopt;
  const size_t digits = std::min(text.find(' '), text.size());
  if (!absl::SimpleAtoi(text.substr(0, digits), &fiber.number) || fiber.number >= box::kFirstGoroutine)
    return std::nullopt;
  text.remove_prefix(digits);
  if (absl::ConsumePrefix(&text, " \"")) {
    absl::ConsumeSuffix(&text, "\"");  // missing where the sanitizer has cut the name
    fiber.name = text;
  }
  return fiber;
}

// Of the locks of the runtime the sanitizer knows nothing.
bool HasAccessOfGoroutine(const wire::SanitizerReport& report) {
  return std::any_of(report.accesses().begin(), report.accesses().end(),
                     [](const wire::Access& access) { return access.task() >= box::kFirstGoroutine; });
}

class Adoption {
 public:
  Adoption(ProcessModel log, ProcessModel& process)
      : log_(std::move(log)),
        process_(process),
        modules_(LargestId(process.modules)),
        stacks_(LargestId(process.stacks)),
        next_object_(LargestId(process.objects) + 1) {
    for (const wire::Task& task : process.tasks) {
      if (task.id() < box::kFirstGoroutine) next_thread_ = std::max(next_thread_, task.id() + 1);
    }
  }

  void Run() {
    AddCode();
    AddObjects();
    for (const wire::Task& task : log_.tasks) {
      if (IsDescribed(task)) tasks_[task.id()] = TaskOf(task);
    }
    for (const wire::Task& task : log_.tasks) {
      if (IsDescribed(task)) Describe(task);
    }
    for (wire::SanitizerReport& report : log_.sanitizer_reports) AddReport(std::move(report));
  }

 private:
  uint32_t StackOf(uint32_t stack) const { return stack == 0 ? 0 : stacks_ + stack; }
  uint32_t ModuleOf(uint32_t module) const { return module == 0 ? 0 : modules_ + module; }
  uint32_t ObjectOf(uint32_t object) const { return Find(objects_, object); }
  uint32_t TaskOf(uint32_t task) const { return Find(tasks_, task); }
  static uint32_t Find(const Ids& ids, uint32_t id) {
    auto it = ids.find(id);
    return it == ids.end() ? 0 : it->second;
  }

  // Code that the sanitizer could not name can be named here if the module is one that the agent has seen.
  void AddCode() {
    for (wire::Module& module : log_.modules) {
      const auto known = std::find_if(
          process_.modules.begin(), process_.modules.end(),
          [&](const wire::Module& one) { return one.path() == module.path() && !one.build_id().empty(); });
      if (module.build_id().empty() && known != process_.modules.end()) {
        module.set_build_id(known->build_id());
        module.set_start(module.base());
        module.set_end(module.base() + LogCode::kModuleBytes);
      }
      module.set_id(ModuleOf(module.id()));
    }
    for (wire::Frame& frame : log_.frames) frame.set_module(ModuleOf(frame.module()));
    for (wire::Stack& stack : log_.stacks) stack.set_id(StackOf(stack.id()));
    Move(log_.modules, process_.modules);
    Move(log_.frames, process_.frames);
    Move(log_.stacks, process_.stacks);
  }

  template <typename T>
  static void Move(std::vector<T>& from, std::vector<T>& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  void AddObjects() {
    absl::flat_hash_map<uint64_t, uint32_t> locks;  // the last that lay at an address
    for (const wire::Object& object : process_.objects) {
      if (object.kind() == "mutex" || object.kind() == "rwlock") locks[object.address()] = object.id();
    }
    for (wire::Object& object : log_.objects) {
      const auto known = object.address() == 0 ? locks.end() : locks.find(object.address());
      if (known != locks.end()) {
        objects_[object.id()] = known->second;
        continue;
      }
      objects_[object.id()] = next_object_;
      object.set_id(next_object_++);
      object.set_create_stack(StackOf(object.create_stack()));
      Resolve(*object.mutable_first_site());
      process_.objects.push_back(std::move(object));
    }
  }

  uint32_t AddTask(uint32_t id, const char* kind) {
    wire::Task& task = process_.tasks.emplace_back();
    task.set_id(id);
    task.set_kind(kind);
    return id;
  }

  uint32_t TaskOf(const wire::Task& task) {
    if (const std::optional<FiberName> fiber = ReadFiberName(task.name()); fiber.has_value()) {
      const uint32_t id = box::kFirstGoroutine + fiber->number;
      const bool known = std::any_of(process_.tasks.begin(), process_.tasks.end(),
                                     [&](const wire::Task& one) { return one.id() == id; });
      return known ? id : AddTask(id, "goroutine");
    }
    // The kernel uses its numbers again: the last one that bore it.
    const auto known = std::find_if(process_.tasks.rbegin(), process_.tasks.rend(), [&](const wire::Task& one) {
      if (one.kind() != "thread") return false;
      return task.main() ? one.main() : task.tid() != 0 && one.tid() == task.tid();
    });
    return known != process_.tasks.rend() ? known->id() : AddTask(next_thread_++, "thread");
  }

  // One that is only mentioned, as the creator of another, could be anybody.
  static bool IsDescribed(const wire::Task& task) {
    return task.main() || task.tid() != 0 || !task.name().empty() || task.create_stack() != 0;
  }

  // What the agent has not recorded.
  void Describe(const wire::Task& said) {
    const uint32_t id = TaskOf(said.id());
    wire::Task& task = *std::find_if(process_.tasks.begin(), process_.tasks.end(),
                                     [&](const wire::Task& one) { return one.id() == id; });
    const std::optional<FiberName> fiber = ReadFiberName(said.name());
    if (task.name().empty()) task.set_name(fiber.has_value() ? std::string(fiber->name) : said.name());
    if (task.create_stack() == 0) {
      task.set_create_stack(StackOf(said.create_stack()));
      if (task.parent() == 0) task.set_parent(TaskOf(said.parent()));
    }
    if (task.tid() == 0) task.set_tid(said.tid());
    if (said.finished()) task.set_finished(true);
  }

  void Resolve(wire::Site& site) {
    if (site.stack() != 0) site.set_stack(StackOf(site.stack()));
  }

  void Resolve(wire::Held& held) {
    held.set_object(ObjectOf(held.object()));
    if (held.has_site()) Resolve(*held.mutable_site());
  }

  void AddReport(wire::SanitizerReport report) {
    for (wire::Access& access : *report.mutable_accesses()) {
      access.set_task(TaskOf(access.task()));
      access.set_stack(StackOf(access.stack()));
      for (wire::Held& held : *access.mutable_held()) Resolve(held);
    }
    for (wire::MemoryPlace& place : *report.mutable_places()) {
      place.set_task(TaskOf(place.task()));
      place.set_stack(StackOf(place.stack()));
      place.set_module(ModuleOf(place.module()));
    }
    for (wire::ReportStack& stack : *report.mutable_stacks()) stack.set_stack(StackOf(stack.stack()));
    for (wire::LockStep& step : *report.mutable_steps()) {
      step.set_task(TaskOf(step.task()));
      Resolve(*step.mutable_held());
      Resolve(*step.mutable_wanted());
    }
    for (uint32_t& object : *report.mutable_objects()) object = ObjectOf(object);
    for (uint32_t& task : *report.mutable_tasks()) task = TaskOf(task);
    if (HasAccessOfGoroutine(report)) report.set_locks_unknown(true);
    process_.sanitizer_reports.push_back(std::move(report));
  }

  ProcessModel log_;
  ProcessModel& process_;
  const uint32_t modules_, stacks_;  // ids of the log begin behind these
  uint32_t next_object_;
  uint32_t next_thread_ = 1;
  Ids objects_, tasks_;
};

// The line at the end of "NAME:LINE".
size_t LineOf(const wire::SanitizerReport& report) {
  size_t line = 0;
  const absl::string_view origin = report.origin();
  return absl::SimpleAtoi(origin.substr(origin.rfind(':') + 1), &line) ? line : 0;
}

bool HasAccessOf(const wire::SanitizerReport& report, uint32_t task) {
  return std::any_of(report.accesses().begin(), report.accesses().end(),
                     [&](const wire::Access& access) { return access.task() == task; });
}

// A report is printed during the access that was caught: what its task holds then, it held at the access.
void AddHeldNow(const wire::ReportTask& history, wire::SanitizerReport& report) {
  wire::Access& caught = *report.mutable_accesses(0);
  if (caught.task() != history.task() || caught.task() < box::kFirstGoroutine) return;
  for (const wire::Held& held : history.held()) {
    const bool is_known = std::any_of(caught.held().begin(), caught.held().end(),
                                      [&](const wire::Held& one) { return one.object() == held.object(); });
    if (!is_known) *caught.add_held() = held;
  }
}

// A history belongs to the last report that begins on its line or before.
void AddHistories(const std::vector<TaskHistory>& histories, size_t first_report, ProcessModel& process) {
  std::vector<wire::SanitizerReport>& reports = process.sanitizer_reports;
  std::vector<std::pair<size_t, size_t>> by_line;  // and index
  for (size_t i = first_report; i < reports.size(); ++i) by_line.emplace_back(LineOf(reports[i]), i);
  std::sort(by_line.begin(), by_line.end());
  for (const TaskHistory& history : histories) {
    auto next = std::upper_bound(by_line.begin(), by_line.end(), std::pair(history.line, SIZE_MAX));
    if (next == by_line.begin()) continue;
    wire::SanitizerReport& report = reports[std::prev(next)->second];
    if (!HasAccessOf(report, history.task.task())) continue;
    *report.add_task_histories() = history.task;
    AddHeldNow(history.task, report);
  }
}

}  // namespace

void AdoptReports(ProcessModel log, ProcessModel& process) { Adoption(std::move(log), process).Run(); }

void AdoptPrints(absl::string_view text, const std::vector<TaskHistory>& histories, const std::string& name,
                 ProcessModel& process, std::vector<std::string>& damage) {
  if (!LooksLikeRaceLog(text)) return;  // of another sanitizer
  const size_t before = process.sanitizer_reports.size();
  Model log = ReadRaceLog(text, name, LogSource::kProcess);
  for (std::unique_ptr<ProcessModel>& one : log.processes) AdoptReports(std::move(*one), process);
  AddHistories(histories, before, process);
  damage.insert(damage.end(), log.damage.begin(), log.damage.end());
}

}  // namespace stray::analyzer
