// SPDX-License-Identifier: Apache-2.0
#include "analyzer/model/model.h"

#include <iterator>

#include "absl/strings/string_view.h"

namespace stray::analyzer {
namespace {

template <typename Records, typename Map, typename Key>
void BuildIndex(const Records& records, Map& map, Key key) {
  map.clear();
  map.reserve(records.size());
  for (size_t i = 0; i < records.size(); ++i) map.emplace(key(records[i]), i);
}

template <typename Records, typename Map, typename Key>
auto Lookup(const Records& records, const Map& map, Key key) -> decltype(records.data()) {
  auto it = map.find(key);
  return it == map.end() ? nullptr : &records[it->second];
}

absl::flat_hash_set<std::string> SharedNames(const std::vector<wire::Object>& objects) {
  absl::flat_hash_set<std::string> shared;
  absl::flat_hash_set<absl::string_view> seen;
  for (const wire::Object& object : objects) {
    if (!object.name().empty() && !seen.insert(object.name()).second) shared.insert(object.name());
  }
  return shared;
}

}  // namespace

const wire::TaskState* SnapshotModel::Find(uint32_t task) const { return Lookup(tasks, by_task, task); }

void ProcessModel::Index() {
  auto id = [](const auto& record) { return record.id(); };
  BuildIndex(modules, module_by_id_, id);
  BuildIndex(stacks, stack_by_id_, id);
  BuildIndex(objects, object_by_id_, id);
  BuildIndex(tasks, task_by_id_, id);
  labels_by_task_.clear();
  for (size_t i = 0; i < labels.size(); ++i) labels_by_task_[labels[i].task()].push_back(i);
  shared_names_ = SharedNames(objects);
  BuildIndex(frames, frame_by_address_, [](const wire::Frame& frame) { return frame.address(); });
  for (SnapshotModel& snapshot : snapshots) {
    BuildIndex(snapshot.tasks, snapshot.by_task, [](const wire::TaskState& state) { return state.task(); });
  }
}

const wire::Module* ProcessModel::FindModule(uint32_t id) const { return Lookup(modules, module_by_id_, id); }
const wire::Frame* ProcessModel::FrameAt(uint64_t address) const {
  return Lookup(frames, frame_by_address_, address);
}
const wire::Stack* ProcessModel::FindStack(uint32_t id) const { return Lookup(stacks, stack_by_id_, id); }
const wire::Object* ProcessModel::FindObject(uint32_t id) const { return Lookup(objects, object_by_id_, id); }
const wire::Task* ProcessModel::FindTask(uint32_t id) const { return Lookup(tasks, task_by_id_, id); }

std::vector<const wire::Label*> ProcessModel::LabelsOf(uint32_t task) const {
  std::vector<const wire::Label*> result;
  auto it = labels_by_task_.find(task);
  if (it == labels_by_task_.end()) return result;
  for (size_t index : it->second) result.push_back(&labels[index]);
  return result;
}

const SnapshotModel* ProcessModel::LastSnapshot() const {
  return snapshots.empty() ? nullptr : &snapshots.back();
}

void Model::Append(Model other) {
  const auto move = [](auto& from, auto& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move(other.processes, processes);
  move(other.damage, damage);
  move(other.unknown_records, unknown_records);
}

bool IsExitSnapshot(const wire::Snapshot& snapshot) {
  return snapshot.reason() == "exit" || snapshot.reason() == "quick_exit";
}

bool IsListing(const wire::Snapshot& snapshot) { return snapshot.reason() == "listing"; }

bool IsTestSnapshot(const wire::Snapshot& snapshot) { return snapshot.reason() == "test"; }

std::string TestName(const ProcessModel& process, const wire::Snapshot& snapshot) {
  if (snapshot.test_number() == 0) return "";
  for (const wire::Task& task : process.tasks) {
    if (task.test_number() == snapshot.test_number()) return task.test();
  }
  return "";
}

}  // namespace stray::analyzer
