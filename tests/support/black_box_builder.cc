// SPDX-License-Identifier: Apache-2.0
#include "tests/support/black_box_builder.h"

#include <algorithm>

namespace stray::test {
namespace {

using box::RegionId;

// Appends `records` to `file` as region `id` and enters it into `header`.
template <typename Records>
void AppendRegion(RegionId id, const Records& records, box::BlackBoxHeader& header, std::string& file) {
  using Record = typename Records::value_type;
  file.resize((file.size() + 63) / 64 * 64);
  box::Region& region = header.regions[static_cast<size_t>(id)];
  region.offset = file.size();
  region.capacity = region.used = records.size();
  region.record_bytes = sizeof(Record);
  for (const Record& record : records) file.append(reinterpret_cast<const char*>(&record), sizeof(record));
}

}  // namespace

BlackBoxBuilder::BlackBoxBuilder() {
  std::copy(std::begin(box::kBlackBoxMagic), std::end(box::kBlackBoxMagic), header_.magic);
  header_.version = box::kBlackBoxVersion;
  header_.header_bytes = sizeof(header_);
  header_.pid = 4711;
  header_.parent_pid = 4700;
  header_.process_start = 1;
  header_.start_ns = 1'000;
  header_.start_realtime_ns = 1'700'000'000'000'000'000;
  header_.state = static_cast<uint32_t>(box::ProcessState::kExited);
  header_.program_path = AddString("/bin/app");
  header_.command_line = AddString("app\n--flag");
  header_.working_directory = AddString("/home/user");
  header_.agent_version = AddString("0.1.0");
}

box::TaskRecord& BlackBoxBuilder::AddTask(absl::string_view name) {
  box::TaskRecord& task = tasks_.emplace_back();
  task.serial = static_cast<uint32_t>(tasks_.size());
  task.kind = static_cast<uint8_t>(box::TaskKind::kThread);
  task.state = static_cast<uint8_t>(box::TaskState::kRunning);
  if (task.serial == 1) task.flags = box::kTaskMain;
  task.tid = header_.pid + static_cast<int32_t>(task.serial) - 1;
  task.parent = task.serial == 1 ? 0 : 1;
  task.create_ns = header_.start_ns + task.serial;
  task.create_life = task.start_life = ++header_.life_clock;
  name.copy(task.name, sizeof(task.name) - 1);
  return task;
}

uint32_t BlackBoxBuilder::AddObject(box::ObjectKind kind, uint64_t address) {
  box::ObjectRecord& object = objects_.emplace_back();
  object.kind = static_cast<uint8_t>(kind);
  object.address = address;
  return static_cast<uint32_t>(objects_.size());
}

uint32_t BlackBoxBuilder::AddStack(const std::vector<uint64_t>& addresses, uint16_t flags) {
  box::StackRecord& stack = stacks_.emplace_back();
  stack.hash = stacks_.size();
  stack.words = static_cast<uint32_t>(words_.size() + 1);
  stack.depth = static_cast<uint16_t>(addresses.size());
  stack.flags = flags;
  words_.insert(words_.end(), addresses.begin(), addresses.end());
  return static_cast<uint32_t>(stacks_.size());
}

uint32_t BlackBoxBuilder::AddString(absl::string_view text) {
  const auto index = static_cast<uint32_t>(strings_.size() + 1);
  strings_.append(text.data(), text.size()).push_back('\0');
  return index;
}

box::ModuleRecord& BlackBoxBuilder::AddModule(absl::string_view path, uint64_t start, uint64_t end) {
  box::ModuleRecord& module = modules_.emplace_back();
  module.path = AddString(path);
  module.base = module.start = start;
  module.end = end;
  return module;
}

box::LockChainRecord& BlackBoxBuilder::AddChain(const std::vector<box::ChainEntry>& entries) {
  box::LockChainRecord& chain = chains_.emplace_back();
  chain.hash = chains_.size();
  chain.entries = AddPool(entries);
  chain.entry_count = static_cast<uint32_t>(entries.size());
  return chain;
}

box::MisuseRecord& BlackBoxBuilder::AddMisuse(box::MisuseKind kind) {
  box::MisuseRecord& misuse = misuses_.emplace_back();
  misuse.kind = static_cast<uint32_t>(kind);
  misuse.count = 1;
  return misuse;
}

box::WaitTotal& BlackBoxBuilder::AddWaitTotal(box::WaitTotalKind kind, box::WaitReason reason, uint32_t stack) {
  box::WaitTotal& total = wait_totals_.emplace_back();
  total.kind = kind;
  total.wait_reason = static_cast<uint16_t>(reason);
  total.stack = stack;
  return total;
}

void BlackBoxBuilder::AddGap(box::GapKind kind, absl::string_view text, uint64_t number) {
  box::GapRecord& gap = gaps_.emplace_back();
  gap.kind = static_cast<uint32_t>(kind);
  gap.text = text.empty() ? 0 : AddString(text);
  gap.number = number;
}

void BlackBoxBuilder::Block(box::TaskRecord& task, box::WaitReason reason, uint32_t object, uint64_t since_ns) {
  task.state = static_cast<uint8_t>(box::TaskState::kBlocked);
  task.wait_reason = static_cast<uint16_t>(reason);
  task.wait_object = object;
  task.wait_since_ns = since_ns;
  task.wait_seq |= 1;
  ++task.waits;
}

void BlackBoxBuilder::Wake(box::TaskRecord& task) {
  task.state = static_cast<uint8_t>(box::TaskState::kRunning);
  task.wait_reason = 0;
  ++task.wait_seq;
}

void BlackBoxBuilder::Finish(box::TaskRecord& task, uint64_t end_ns) {
  task.state = static_cast<uint8_t>(box::TaskState::kFinished);
  task.end_ns = end_ns;
}

void BlackBoxBuilder::Hold(box::TaskRecord& task, uint32_t object, box::Site site, uint16_t flags) {
  box::HeldLock& held = task.held[task.held_count++];
  held.object = object;
  held.flags = flags;
  held.count = 1;
  held.site = site;
}

void BlackBoxBuilder::AddEvent(box::TaskRecord& task, box::EventKind kind, uint32_t object, uint32_t sequence,
                               box::Site site) {
  box::Event& event = task.events[task.event_head++ % box::kEventRing];
  event.object = object;
  event.kind_sequence = static_cast<uint32_t>(kind) | sequence << 8;
  event.site = site;
}

void BlackBoxBuilder::TakeSnapshot(box::SnapshotReason reason, uint64_t time_ns) {
  snapshot_.clear();
  for (const box::TaskRecord& task : tasks_) {
    if (task.state == static_cast<uint8_t>(box::TaskState::kFinished)) continue;
    std::memcpy(snapshot_.emplace_back().task, &task, box::kTaskSnapshotBytes);
  }
  header_.snapshot.begin_seq = ++header_.snapshot.end_seq;
  header_.snapshot.time_ns = time_ns;
  header_.snapshot.reason = static_cast<uint32_t>(reason);
  header_.snapshot.task_count = static_cast<uint32_t>(snapshot_.size());
}

std::string BlackBoxBuilder::Build() const {
  box::BlackBoxHeader header = header_;
  std::string file(sizeof(header), '\0');
  AppendRegion(RegionId::kTasks, tasks_, header, file);
  AppendRegion(RegionId::kObjects, objects_, header, file);
  AppendRegion(RegionId::kStacks, stacks_, header, file);
  AppendRegion(RegionId::kWords, words_, header, file);
  AppendRegion(RegionId::kChains, chains_, header, file);
  AppendRegion(RegionId::kPool, pool_, header, file);
  AppendRegion(RegionId::kMisuses, misuses_, header, file);
  AppendRegion(RegionId::kModules, modules_, header, file);
  AppendRegion(RegionId::kStrings, strings_, header, file);
  AppendRegion(RegionId::kGaps, gaps_, header, file);
  AppendRegion(RegionId::kSnapshot, snapshot_, header, file);
  AppendRegion(RegionId::kWaitTotals, wait_totals_, header, file);
  header.file_bytes = file.size();
  std::memcpy(file.data(), &header, sizeof(header));
  return file;
}

}  // namespace stray::test
