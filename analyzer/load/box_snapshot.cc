// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/box_snapshot.h"

#include <algorithm>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {
namespace {

using box::RegionId;
using box::SnapshotReason;
using box::TaskRecord;

bool IsComplete(const box::SnapshotHeader& header) {
  return header.begin_seq != 0 && header.begin_seq == header.end_seq;
}

bool IsReason(const box::SnapshotHeader& header, SnapshotReason reason) {
  return header.reason == static_cast<uint32_t>(reason);
}

// The same task, and it has done nothing in between that a hook could see.
bool StoodStill(const TaskRecord& a, const TaskRecord& b) {
  return a.serial == b.serial && a.state == b.state && a.wait_seq == b.wait_seq && a.waits == b.waits &&
         a.event_head == b.event_head && a.held_count == b.held_count;
}

absl::flat_hash_map<uint32_t, const TaskRecord*> BySerial(const std::vector<TaskRecord>& tasks) {
  absl::flat_hash_map<uint32_t, const TaskRecord*> result;
  for (const TaskRecord& task : tasks) result.emplace(task.serial, &task);
  return result;
}

// The newest moment that the box knows of: the process lived at least until then.
uint64_t LastSignOfLife(const BlackBoxBytes& box, const std::optional<BoxSnapshot>& last,
                        const std::vector<TaskRecord>& table) {
  uint64_t time_ns = box.header().start_ns;
  if (last.has_value()) time_ns = std::max(time_ns, last->header.time_ns);
  for (const TaskRecord& task : table) {
    time_ns = std::max({time_ns, task.create_ns, task.end_ns, task.wait_since_ns});
  }
  return time_ns;
}

}  // namespace

std::optional<BoxSnapshot> ReadBoxSnapshot(const BlackBoxBytes& box) {
  BoxSnapshot snapshot;
  snapshot.header = box.CurrentSnapshotHeader();
  if (!IsComplete(snapshot.header)) return std::nullopt;
  const uint64_t count = std::min<uint64_t>(snapshot.header.task_count, box.Count(RegionId::kSnapshot));
  for (uint64_t i = 1; i <= count; ++i) {
    const auto copy = box.At<box::SnapshotTask>(RegionId::kSnapshot, i);
    TaskRecord task = {};
    std::memcpy(static_cast<void*>(&task), copy.task, sizeof(copy.task));
    if (IsVisibleTask(task)) snapshot.tasks.push_back(task);
    if (IsMachine(task)) snapshot.machines.push_back(task);
  }
  const uint64_t goroutines =
      std::min<uint64_t>(snapshot.header.goroutine_count, box.Count(RegionId::kGoroutines));
  snapshot.goroutines.reserve(goroutines);
  for (uint64_t i = 1; i <= goroutines; ++i) {
    snapshot.goroutines.push_back(box.At<box::GoroutineState>(RegionId::kGoroutines, i));
  }
  if (snapshot.header.reach_state == static_cast<uint32_t>(box::ReachState::kComplete)) {
    const uint64_t edges = box.Count(RegionId::kReach);
    snapshot.reach.reserve(edges);
    for (uint64_t i = 1; i <= edges; ++i)
      snapshot.reach.push_back(box.At<box::ReachRecord>(RegionId::kReach, i));
  }
  if (box.CurrentSnapshotHeader().begin_seq != snapshot.header.begin_seq) return std::nullopt;
  return snapshot;
}

namespace {

// False: of a kind that this version does not know.
bool ToReachEdge(const box::ReachRecord& record, wire::ReachEdge* edge) {
  const uint64_t from = record.from & ~uint64_t{box::kReachTagMask};
  const uint64_t to = record.to & ~uint64_t{box::kReachTagMask};
  switch (record.from & box::kReachTagMask) {
    case box::kReachAnybody:
      break;
    case box::kReachTask:
      edge->set_task(static_cast<uint32_t>(from));
      break;
    case box::kReachMemory:
      edge->set_memory(static_cast<uint32_t>(from));
      break;
    default:
      return false;
  }
  switch (record.to & box::kReachTagMask) {
    case box::kReachMemory:
      edge->set_to_memory(static_cast<uint32_t>(to));
      return true;
    case box::kReachAddress:
      edge->set_to_address(to);
      return true;
    default:
      return false;
  }
}

void AddReach(const BoxSnapshot& snapshot, SnapshotModel& model) {
  model.info.set_reach(std::string(ReachStateWord(snapshot.header.reach_state)));
  model.reach.reserve(snapshot.reach.size());
  for (const box::ReachRecord& record : snapshot.reach) {
    wire::ReachEdge edge;
    if (ToReachEdge(record, &edge)) {
      model.reach.push_back(std::move(edge));
    } else {
      model.info.set_reach("damaged");
    }
  }
}

}  // namespace

std::vector<TaskRecord> ReadTaskTable(const BlackBoxBytes& box) {
  std::vector<TaskRecord> table;
  for (uint64_t i = 1; i <= box.Count(RegionId::kTasks); ++i) {
    const auto task = box.At<TaskRecord>(RegionId::kTasks, i);
    if (IsVisibleTask(task)) table.push_back(task);
  }
  return table;
}

SnapshotModel ToSnapshotModel(const BlackBoxBytes& box, const BoxSnapshot& snapshot, BoxRecords& records) {
  SnapshotModel model;
  const absl::string_view reason = SnapshotReasonWord(snapshot.header.reason);
  model.info.set_id(1);
  model.info.set_reason(std::string(reason));
  model.info.set_time_ns(snapshot.header.time_ns);
  model.info.set_stall_ns(snapshot.header.stall_ns);
  model.info.set_taken_by(snapshot.header.taken_by);
  model.info.set_unknown_threads(snapshot.header.unknown_tids);
  model.info.set_exiting_task(box.header().exiting_task);
  model.info.set_pending_calls(snapshot.header.pending_calls);
  model.info.set_test_number(snapshot.header.test);
  for (const TaskRecord& task : snapshot.tasks) {
    if (!IsFinished(task)) model.tasks.push_back(records.TaskState(task, snapshot.header.time_ns));
  }
  absl::flat_hash_map<int32_t, const TaskRecord*> machines;
  for (const TaskRecord& machine : snapshot.machines) machines.emplace(machine.tid, &machine);
  for (const box::GoroutineState& goroutine : snapshot.goroutines) {
    if ((goroutine.flags & box::kGoroutineSystem) != 0) continue;
    const auto machine = machines.find(goroutine.tid);
    const bool runs_there = goroutine.state == static_cast<uint8_t>(box::TaskState::kRunning);
    const TaskRecord* its_machine = runs_there && machine != machines.end() ? machine->second : nullptr;
    // What the thread does, the task does that it runs.
    if (its_machine != nullptr && its_machine->serial == model.info.taken_by())
      model.info.set_taken_by(goroutine.task);
    if (its_machine != nullptr && its_machine->serial == model.info.exiting_task())
      model.info.set_exiting_task(goroutine.task);
    model.tasks.push_back(records.GoroutineState(goroutine, its_machine, snapshot.header.time_ns));
  }
  AddReach(snapshot, model);
  return model;
}

bool WentOnAfter(const BoxSnapshot& snapshot, const std::vector<TaskRecord>& table) {
  const bool is_of_the_middle = IsReason(snapshot.header, SnapshotReason::kRequest) ||
                                IsReason(snapshot.header, SnapshotReason::kHang) ||
                                IsReason(snapshot.header, SnapshotReason::kTest);
  if (!is_of_the_middle) return false;
  const auto then = BySerial(snapshot.tasks);
  return std::any_of(table.begin(), table.end(), [&](const TaskRecord& now) {
    const auto found = then.find(now.serial);
    if (found == then.end()) return !IsFinished(now);
    return !StoodStill(*found->second, now);
  });
}

SnapshotModel PostMortem(const BlackBoxBytes& box, const std::optional<BoxSnapshot>& last,
                         const std::vector<TaskRecord>& table, BoxRecords& records) {
  SnapshotModel model;
  model.info.set_id(last.has_value() ? 2 : 1);
  model.info.set_reason("post_mortem");
  model.info.set_time_ns(LastSignOfLife(box, last, table));
  model.info.set_stacks_missing(true);
  model.info.set_exiting_task(box.header().exiting_task);
  absl::flat_hash_map<uint32_t, const TaskRecord*> then;
  if (last.has_value()) then = BySerial(last->tasks);
  for (const TaskRecord& now : table) {
    if (IsFinished(now)) continue;
    TaskRecord task = now;
    const auto found = then.find(now.serial);
    const bool same_wait = found != then.end() && IsBlocked(now) && StoodStill(*found->second, now);
    task.snapshot_stack = same_wait ? found->second->snapshot_stack : 0;
    task.cpu_state = 0;
    task.kernel_call = 0;
    model.tasks.push_back(records.TaskState(task, model.info.time_ns()));
  }
  return model;
}

}  // namespace stray::analyzer
