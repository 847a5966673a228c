// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/recorded_model.h"

#include <algorithm>

#include "agent/wire/goroutine_records.h"

namespace stray::analyzer {
namespace {

// As many frames as other stacks have.
constexpr size_t kMostFrames = 256;

}  // namespace

RecordedModel::RecordedModel(const RecordedProgram& program, ProcessModel& process)
    : program_(program), process_(process) {
  for (const wire::Stack& stack : process.stacks) next_stack_ = std::max(next_stack_, stack.id() + 1);
  AddLocks();
  process_.Index();
  for (const wire::Object& object : process.objects) next_object_ = std::max(next_object_, object.id() + 1);
}

// Those that the agent has heard nothing of besides.
void RecordedModel::AddLocks() {
  uint32_t next = 1;
  for (const wire::Object& object : process_.objects) next = std::max(next, object.id() + 1);
  for (const RecordedProgram::Lock& lock : program_.locks) {
    lock_objects_.push_back(lock.object);
    if (lock.object != 0) continue;
    wire::Object& object = process_.objects.emplace_back();
    object.set_id(lock_objects_.back() = next++);
    object.set_kind(lock.is_read ? "rwlock" : "mutex");
    object.set_address(lock.address);
  }
}

uint32_t RecordedModel::StackAt(uint32_t location, uint32_t callers) {
  if (callers == 0 && program_.place_stacks[location] != 0) return program_.place_stacks[location];
  const auto [it, is_new] = stacks_.try_emplace({location, callers}, 0);
  if (is_new) it->second = AddStack(location, callers);
  return it->second;
}

uint32_t RecordedModel::AddStack(uint32_t location, uint32_t callers) {
  wire::Stack stack;
  if (const uint64_t place = program_.places[location]; place != 0) {
    stack.add_addresses(place);
  } else if (const wire::Stack* own = process_.FindStack(program_.place_stacks[location]); own != nullptr) {
    // The first frames of a stack that the agent has walked are those of code that is not instrumented.
    return own->id();
  }
  for (uint32_t at = callers; at != 0 && stack.addresses_size() < static_cast<int>(kMostFrames);
       at = program_.callers[at].parent) {
    stack.add_addresses(program_.callers[at].address);
  }
  if (stack.addresses().empty()) return 0;
  stack.set_id(next_stack_++);
  process_.stacks.push_back(std::move(stack));
  return process_.stacks.back().id();
}

void RecordedModel::AddTasks(absl::FunctionRef<std::optional<RecordedPlace>(uint32_t task)> fork_of) {
  process_.Index();
  for (uint32_t task = 0; task < program_.task_ids.size(); ++task) {
    const uint32_t id = program_.task_ids[task];
    const bool is_named = std::any_of(
        process_.sanitizer_reports.begin(), process_.sanitizer_reports.end(), [id](const auto& report) {
          return std::find(report.tasks().begin(), report.tasks().end(), id) != report.tasks().end();
        });
    if (!is_named || process_.FindTask(id) != nullptr) continue;
    wire::Task& record = process_.tasks.emplace_back();
    record.set_id(id);
    record.set_kind(id >= box::kFirstGoroutine ? "goroutine" : "thread");
    record.set_name(program_.task_names[task]);
    record.set_finished(true);
    record.set_joined(true);
    const std::optional<RecordedPlace> fork = fork_of(task);
    if (!fork.has_value()) continue;
    record.set_parent(program_.task_ids[fork->task]);
    record.set_create_stack(StackAt(*fork));
  }
}

}  // namespace stray::analyzer
