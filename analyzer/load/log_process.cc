// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/log_process.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/wire/goroutine_records.h"

namespace stray::analyzer {
namespace {

constexpr uint32_t kMainThread = box::kFirstGoroutine - 1;  // ThreadSanitizer numbers it 0, which is no task
constexpr uint32_t kMainGoroutine = box::kFirstGoroutine + 1;
constexpr uint32_t kMostThreads = 1'000'000;  // the second T16 is T1000016, the third T2000016
constexpr int kMostAgain = 1000;
constexpr int kMaxAncestors = 16;

bool IsMain(uint32_t task) { return task == kMainThread || task == kMainGoroutine; }

}  // namespace

uint32_t LogThread(uint64_t number) {
  if (number == 0) return kMainThread;
  return number < kMostThreads ? static_cast<uint32_t>(number) : 0;
}

uint32_t LogGoroutine(uint64_t number) {
  return number < box::kFirstGoroutine ? box::kFirstGoroutine + static_cast<uint32_t>(number) : 0;
}

LogProcess::LogProcess(const std::string& log, int32_t pid)
    : model_(std::make_unique<ProcessModel>()), code_(*model_) {
  model_->process.set_pid(pid);
  model_->process.set_log(log);
  model_->process.set_sanitizer(true);
}

// A number is used again for another thread once its thread is gone; the kernel's id tells them apart.
uint32_t LogProcess::AddTask(uint32_t task, int32_t tid) {
  auto known = known_tasks_.find({task, tid});
  if (known == known_tasks_.end() && tid == 0) known = known_tasks_.lower_bound({task, 0});
  if (known != known_tasks_.end() && known->first.first == task) return known->second;
  // Until now it was only mentioned.
  auto mentioned = known_tasks_.find({task, 0});
  if (mentioned != known_tasks_.end()) {
    const uint32_t id = mentioned->second;
    known_tasks_.erase(mentioned);
    known_tasks_.emplace(std::make_pair(task, tid), id);
    return id;
  }
  uint32_t id = task;
  for (int again = 0; place_of_task_.contains(id) && again < kMostAgain; ++again) id += kMostThreads;
  if (place_of_task_.contains(id)) return id;  // so many have borne it that the last ones are not told apart
  place_of_task_.emplace(id, model_->tasks.size());
  known_tasks_.emplace(std::make_pair(task, tid), id);
  wire::Task& record = model_->tasks.emplace_back();
  record.set_id(id);
  record.set_kind(task >= box::kFirstGoroutine ? "goroutine" : "thread");
  record.set_main(IsMain(task));
  return id;
}

void LogProcess::Describe(const LogTask& described, Ids& tasks) {
  const uint32_t id = AddTask(described.task, described.tid);
  tasks[described.task] = id;
  wire::Task& record = model_->tasks[place_of_task_[id]];
  if (!described.name.empty()) record.set_name(described.name);
  if (described.tid != 0) record.set_tid(described.tid);
  if (described.finished) record.set_finished(true);
  if (described.stack != 0) record.set_create_stack(described.stack);
}

uint32_t LogProcess::TaskId(uint32_t task, Ids& tasks) {
  if (task == 0) return 0;
  auto [it, is_new] = tasks.try_emplace(task, 0);
  if (is_new) it->second = AddTask(task, 0);
  return it->second;
}

uint32_t LogProcess::AddMutex(const LogMutex& mutex) {
  const auto next = static_cast<uint32_t>(model_->objects.size() + 1);
  if (mutex.address != 0) {
    auto [known, is_new] = known_mutexes_.try_emplace({mutex.address, mutex.stack}, next);
    if (!is_new) return known->second;
  }
  wire::Object& object = model_->objects.emplace_back();
  object.set_id(next);
  object.set_kind("mutex");
  object.set_address(mutex.address);
  object.set_create_stack(mutex.stack);
  // A mutex that needs no initialization is created where it is locked first, as far as the detector knows.
  object.mutable_first_site()->set_stack(mutex.stack);
  object.set_destroyed(mutex.destroyed);
  return next;
}

// A mutex that the report only mentions is told from all others: a number is good for one report.
uint32_t LogProcess::ObjectId(uint32_t object, Ids& objects) {
  if (object == 0) return 0;
  auto [it, is_new] = objects.try_emplace(object, 0);
  if (is_new) it->second = AddMutex({});
  return it->second;
}

void LogProcess::ResolveHeld(wire::Held& held, Ids& objects) {
  held.set_object(ObjectId(held.object(), objects));
  // Only what lets several in can be held for reading.
  if (held.read() && held.object() != 0) model_->objects[held.object() - 1].set_kind("rwlock");
}

void LogProcess::Resolve(wire::SanitizerReport& report, Ids& tasks, Ids& objects) {
  for (wire::Access& access : *report.mutable_accesses()) {
    access.set_task(TaskId(access.task(), tasks));
    for (wire::Held& held : *access.mutable_held()) ResolveHeld(held, objects);
  }
  for (wire::MemoryPlace& place : *report.mutable_places()) place.set_task(TaskId(place.task(), tasks));
  for (wire::LockStep& step : *report.mutable_steps()) {
    step.set_task(TaskId(step.task(), tasks));
    ResolveHeld(*step.mutable_held(), objects);
    ResolveHeld(*step.mutable_wanted(), objects);
  }
}

// A mutex in a variable is called as the variable, with its place in it.
void LogProcess::NameObjects(const wire::SanitizerReport& report) {
  for (const wire::MemoryPlace& place : report.places()) {
    if (place.kind() != "global" || place.name().empty() || place.address() == 0) continue;
    for (uint32_t id : report.objects()) {
      wire::Object& object = model_->objects[id - 1];
      const uint64_t offset = object.address() - place.address();
      if (object.address() < place.address() || offset >= std::max<uint64_t>(place.size(), 1)) continue;
      object.set_name(offset == 0 ? place.name() : absl::StrCat(place.name(), "+0x", absl::Hex(offset)));
    }
  }
}

void LogProcess::Add(LogReport read) {
  Ids tasks;
  Ids objects;
  for (const LogTask& task : read.tasks) Describe(task, tasks);
  for (const LogTask& task : read.tasks) {
    const uint32_t creator = TaskId(task.creator, tasks);
    model_->tasks[place_of_task_[tasks[task.task]]].set_parent(creator);
    read.report.add_tasks(tasks[task.task]);
  }
  for (const LogMutex& mutex : read.mutexes) objects[mutex.object] = AddMutex(mutex);
  Resolve(read.report, tasks, objects);
  for (const auto& [object, id] : objects) read.report.add_objects(id);
  std::sort(read.report.mutable_objects()->begin(), read.report.mutable_objects()->end());
  NameObjects(read.report);
  model_->sanitizer_reports.push_back(std::move(read.report));
}

// Where the creator was created, where its creator was, and so on, as far as some report has told it.
void LogProcess::AddAncestors() {
  const auto find = [&](uint32_t id) -> const wire::Task* {
    auto it = place_of_task_.find(id);
    return it == place_of_task_.end() ? nullptr : &model_->tasks[it->second];
  };
  for (wire::Task& task : model_->tasks) {
    const wire::Task* parent = find(task.parent());
    for (int depth = 0; parent != nullptr && parent->create_stack() != 0; ++depth) {
      if (depth == kMaxAncestors) {
        task.set_ancestors_cut(true);
        break;
      }
      task.add_ancestor_stacks(parent->create_stack());
      parent = find(parent->parent());
    }
  }
}

// The module that main is in; else the first that is no library.
void LogProcess::GuessProgram() {
  const wire::Module* program = nullptr;
  for (const wire::Frame& frame : model_->frames) {
    if (frame.module() == 0) continue;
    const wire::Module& module = model_->modules[frame.module() - 1];
    const bool has_main = std::any_of(frame.locations().begin(), frame.locations().end(),
                                      [](const wire::Location& one) { return one.function() == "main"; });
    const bool is_library = absl::StrContains(module.path(), ".so") || absl::StartsWith(module.path(), "[");
    if (has_main) {
      program = &module;
      break;
    }
    if (program == nullptr && !is_library) program = &module;
  }
  if (program != nullptr) model_->process.set_program(program->path());
}

std::unique_ptr<ProcessModel> LogProcess::Finish() {
  AddAncestors();
  GuessProgram();
  return std::move(model_);
}

}  // namespace stray::analyzer
