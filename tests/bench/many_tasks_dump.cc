// SPDX-License-Identifier: Apache-2.0
// many_tasks_dump.cc: writes a dump of N leaked tasks in 50 groups, to time the report.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "analyzer/load/load.h"

using stray::analyzer::Model;
using stray::analyzer::ProcessModel;
using stray::analyzer::SnapshotModel;

namespace {

constexpr uint32_t kGroups = 50;
constexpr uint32_t kDepth = 12;

void AddStack(ProcessModel* process, uint32_t id) {
  stray::wire::Stack stack;
  stack.set_id(id);
  for (uint32_t depth = 0; depth < kDepth; ++depth) {
    const uint64_t address = 0x400000 + id * 0x1000 + depth * 0x10;
    stack.add_addresses(address);
    stray::wire::Frame frame;
    frame.set_address(address);
    stray::wire::Location* location = frame.add_locations();
    location->set_function("Work" + std::to_string(id) + "Level" + std::to_string(depth));
    location->set_file("/src/work" + std::to_string(id) + ".cc");
    location->set_line(10 + depth);
    process->frames.push_back(frame);
  }
  process->stacks.push_back(stack);
}

void AddTask(ProcessModel* process, SnapshotModel* snapshot, uint32_t id) {
  const uint32_t group = id % kGroups;
  stray::wire::Task task;
  task.set_id(id);
  task.set_kind("thread");
  task.set_parent(1);
  task.set_create_stack(kGroups + 1);
  process->tasks.push_back(task);
  stray::wire::TaskState state;
  state.set_task(id);
  state.set_state("blocked");
  state.set_wait_reason("pthread_cond_wait");
  state.set_object(group + 1);
  state.set_stack(group + 1);
  state.set_wait_ns(1'000'000ull * id);
  snapshot->tasks.push_back(state);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: many_tasks_dump TASKS FILE\n";
    return 2;
  }
  Model model;
  auto process = std::make_unique<ProcessModel>();
  process->process.set_pid(1);
  process->process.set_program("/src/service");
  process->process.set_state("exited");
  for (uint32_t id = 1; id <= kGroups + 1; ++id) AddStack(process.get(), id);
  for (uint32_t id = 1; id <= kGroups; ++id) {
    stray::wire::Object object;
    object.set_id(id);
    object.set_kind("condition");
    object.set_address(0x700000 + id * 64);
    process->objects.push_back(object);
  }
  SnapshotModel snapshot;
  snapshot.info.set_id(1);
  snapshot.info.set_reason("exit");
  const auto count = static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10));
  for (uint32_t id = 2; id <= count + 1; ++id) AddTask(process.get(), &snapshot, id);
  process->snapshots.push_back(std::move(snapshot));
  process->Index();
  model.processes.push_back(std::move(process));
  const absl::Status status = stray::analyzer::WriteDump(model, argv[2]);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
