// SPDX-License-Identifier: Apache-2.0
// black_box_reader.cc: a black box becomes a ProcessModel.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/adopt_reports.h"
#include "analyzer/load/black_box_bytes.h"
#include "analyzer/load/box_records.h"
#include "analyzer/load/box_snapshot.h"
#include "analyzer/load/invoked_name.h"
#include "analyzer/load/load.h"
#include "analyzer/load/report_tasks.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {
namespace {

using box::ProcessState;
using box::RegionId;
using box::SnapshotReason;

constexpr int kSnapshotTries = 3;

// Appends to `out` what `convert` makes of each record of `region`.
template <typename Message, typename Convert>
void ConvertRegion(const BlackBoxBytes& box, RegionId region, std::vector<Message>& out,
                   const Convert& convert) {
  for (uint64_t i = 1; i <= box.Count(region); ++i) {
    if (auto message = convert(static_cast<uint32_t>(i)); message.has_value())
      out.push_back(*std::move(message));
  }
}

class BlackBoxReader {
 public:
  BlackBoxReader(const BlackBoxBytes& box, const std::string& name, bool alive,
                 std::vector<std::string>& damage)
      : box_(box), records_(box), name_(name), alive_(alive), damage_(damage) {}

  std::unique_ptr<ProcessModel> Read();

 private:
  bool HasFinalSnapshot() const;
  void ReadSnapshot();
  void SetState(wire::Process& process) const;
  void AddTables(ProcessModel& model);
  void AddTasks(ProcessModel& model);
  void AddGoroutines(ProcessModel& model);
  void AddLives(ProcessModel& model);
  void AddEndedGoroutines(ProcessModel& model);
  void AddEnds(ProcessModel& model) const;
  void AddLabels(uint32_t task, uint32_t labels, ProcessModel& model) const;
  void AddSnapshots(ProcessModel& model);
  void AddLosses(ProcessModel& model) const;
  void NoteReach(ProcessModel& model) const;

  const BlackBoxBytes& box_;
  BoxRecords records_;
  const std::string& name_;
  const bool alive_;
  std::vector<std::string>& damage_;
  std::optional<BoxSnapshot> snapshot_;
  std::vector<box::TaskRecord> table_;
};

void BlackBoxReader::ReadSnapshot() {
  // A living process may take the next one while we copy this one.
  for (int i = 0; i < kSnapshotTries && !snapshot_.has_value(); ++i) snapshot_ = ReadBoxSnapshot(box_);
  const box::SnapshotHeader header = box_.CurrentSnapshotHeader();
  if (!snapshot_.has_value() && header.begin_seq != 0) {
    damage_.push_back(absl::StrCat(name_, alive_ ? ": a snapshot is being taken, and was left out"
                                                 : ": the process died while a snapshot was being taken"));
  }
  const uint64_t whole = box_.Count(RegionId::kSnapshot);
  if (snapshot_.has_value() && snapshot_->header.task_count > whole) {
    damage_.push_back(
        absl::StrCat(name_, ": the snapshot has ", whole, " of ", snapshot_->header.task_count, " tasks"));
  }
}

bool BlackBoxReader::HasFinalSnapshot() const {
  if (!snapshot_.has_value()) return false;
  const auto reason = static_cast<SnapshotReason>(snapshot_->header.reason);
  return reason == SnapshotReason::kExit || reason == SnapshotReason::kQuickExit;
}

void BlackBoxReader::SetState(wire::Process& process) const {
  const auto state = static_cast<ProcessState>(box_.header().state);
  const bool over =
      state == ProcessState::kExited || state == ProcessState::kCrashed || state == ProcessState::kExec;
  if (alive_ || over) {
    process.set_state(std::string(ProcessStateWord(box_.header().state)));
  } else {
    // It had no time to say more. With the final snapshot in place it was past everything that matters.
    process.set_state(HasFinalSnapshot() ? "exited" : "killed");
  }
  if (process.state() == "exited" && box_.header().exit_status >= 0) {
    process.set_exit_status(box_.header().exit_status);
    process.set_has_exit_status(true);
  }
}

void BlackBoxReader::AddTables(ProcessModel& model) {
  ConvertRegion(box_, RegionId::kModules, model.modules, [&](uint32_t i) { return records_.Module(i); });
  ConvertRegion(box_, RegionId::kStacks, model.stacks, [&](uint32_t i) { return records_.Stack(i); });
  ConvertRegion(box_, RegionId::kObjects, model.objects, [&](uint32_t i) { return records_.Object(i); });
  if (snapshot_.has_value()) records_.AddUses(model.objects);
  ConvertRegion(box_, RegionId::kChains, model.lock_chains, [&](uint32_t i) { return records_.LockChain(i); });
  ConvertRegion(box_, RegionId::kMisuses, model.misuses, [&](uint32_t i) { return records_.Misuse(i); });
  ConvertRegion(box_, RegionId::kGaps, model.gaps, [&](uint32_t i) { return records_.Gap(i); });
  ConvertRegion(box_, RegionId::kWaitTotals, model.profile_sites,
                [&](uint32_t i) { return records_.WaitTotal(i); });
}

// Where a goroutine was created is one address, or a stack that the agent has walked. In a dump it is a stack.
void BlackBoxReader::AddGoroutines(ProcessModel& model) {
  uint32_t next_stack = static_cast<uint32_t>(box_.Count(RegionId::kStacks)) + 1;
  absl::flat_hash_map<uint64_t, uint32_t> stack_of_site;
  for (const box::GoroutineState& goroutine : snapshot_->goroutines) {
    if ((goroutine.flags & box::kGoroutineSystem) != 0) continue;
    uint32_t stack = goroutine.create_stack;
    if (stack == 0 && goroutine.created_at != 0) {
      auto [it, is_new] = stack_of_site.try_emplace(goroutine.created_at, next_stack);
      if (is_new) {
        wire::Stack& made = model.stacks.emplace_back();
        made.set_id(next_stack++);
        made.add_addresses(goroutine.created_at);
        made.set_partial(true);
      }
      stack = it->second;
    }
    model.tasks.push_back(records_.Goroutine(goroutine, stack));
    AddLabels(goroutine.task, goroutine.labels, model);
  }
}

// Goroutines that something refers to, but of which nothing is known: they have ended.
void BlackBoxReader::AddEndedGoroutines(ProcessModel& model) {
  absl::flat_hash_set<uint32_t> known;
  for (const wire::Task& task : model.tasks) known.insert(task.id());
  const auto add = [&](uint32_t id, const std::string& name) {
    if (id < box::kFirstGoroutine || !snapshot_.has_value() || !known.insert(id).second) return;
    wire::Task& task = model.tasks.emplace_back();
    task.set_id(id);
    task.set_kind("goroutine");
    task.set_name(name);
    task.set_detached(true);
    task.set_finished(true);
  };
  for (const wire::Object& object : model.objects) {
    add(object.holder(), "");
    for (const wire::Use& use : object.uses()) add(use.task(), records_.NameOfUser(use.task()));
  }
}

// When goroutines ended is kept of those that have used what somebody waits for.
void BlackBoxReader::AddEnds(ProcessModel& model) const {
  if (!snapshot_.has_value()) return;
  for (wire::Task& task : model.tasks) {
    if (task.id() < box::kFirstGoroutine || !task.finished()) continue;
    task.set_end_ns(records_.EndOfUser(task.id(), snapshot_->header.time_ns));
  }
}

// A goroutine of the snapshot gets what its life record knows beside; others have ended.
void BlackBoxReader::AddLives(ProcessModel& model) {
  absl::flat_hash_map<uint32_t, size_t> known;
  for (size_t i = 0; i < model.tasks.size(); ++i) known.emplace(model.tasks[i].id(), i);
  for (uint32_t i = 1; i <= box_.Count(RegionId::kLives); ++i) {
    std::optional<wire::Task> life = records_.Life(i);
    if (!life.has_value()) continue;
    auto [it, is_new] = known.try_emplace(life->id(), model.tasks.size());
    if (is_new) {
      model.tasks.push_back(*std::move(life));
    } else {
      wire::Task& task = model.tasks[it->second];
      task.set_create_life(life->create_life());
      task.set_joined_by(life->joined_by());
      task.set_join_life(life->join_life());
    }
  }
}

void BlackBoxReader::AddLabels(uint32_t task, uint32_t labels, ProcessModel& model) const {
  if (labels == 0) return;
  for (wire::Label& label : records_.Labels(task, labels)) model.labels.push_back(std::move(label));
}

void BlackBoxReader::AddTasks(ProcessModel& model) {
  absl::flat_hash_set<uint32_t> known;
  const auto add = [&](const box::TaskRecord& record) {
    if (!known.insert(record.serial).second) return;
    if (auto task = records_.Task(record); task.has_value()) model.tasks.push_back(*std::move(task));
  };
  for (const box::TaskRecord& record : table_) add(record);
  // The slot of a task may have gone to another one since the snapshot.
  if (snapshot_.has_value()) {
    for (box::TaskRecord record : snapshot_->tasks) {
      record.event_head = 0;
      add(record);
      AddLabels(record.serial, record.labels, model);
    }
  }
  if (snapshot_.has_value()) AddGoroutines(model);
  AddLives(model);
  AddEndedGoroutines(model);
  AddEnds(model);
  std::sort(model.tasks.begin(), model.tasks.end(),
            [](const wire::Task& a, const wire::Task& b) { return a.id() < b.id(); });
}

void BlackBoxReader::AddSnapshots(ProcessModel& model) {
  if (snapshot_.has_value()) model.snapshots.push_back(ToSnapshotModel(box_, *snapshot_, records_));
  if (alive_) return;
  const bool killed = model.process.state() == "killed" || model.process.state() == "crashed";
  if (!snapshot_.has_value() || (killed && WentOnAfter(*snapshot_, table_))) {
    model.snapshots.push_back(PostMortem(box_, snapshot_, table_, records_));
  }
}

// Why it was asked who can reach what, and there is no answer.
void BlackBoxReader::NoteReach(ProcessModel& model) const {
  if (!snapshot_.has_value()) return;
  const absl::string_view why = WhyNoReach(snapshot_->header.reach_state);
  if (why.empty()) return;
  wire::Note& note = model.notes.emplace_back();
  note.set_text(
      absl::StrCat("--prove: it is not known who can reach what, so a task counts as live while any other "
                   "is: ",
                   why));
}

void BlackBoxReader::AddLosses(ProcessModel& model) const {
  for (uint32_t i = 0; i < static_cast<uint32_t>(box::Loss::kCount); ++i) {
    if (box_.header().losses[i] == 0) continue;
    wire::LossCount& loss = model.losses.emplace_back();
    loss.set_word(std::string(LossWord(i)));
    loss.set_count(box_.header().losses[i]);
  }
}

std::unique_ptr<ProcessModel> BlackBoxReader::Read() {
  auto model = std::make_unique<ProcessModel>();
  ReadSnapshot();
  table_ = ReadTaskTable(box_);
  model->process = records_.Process();
  model->process.set_invoked_name(InvokedName(model->process));
  SetState(model->process);
  AddTables(*model);
  AddTasks(*model);
  AddSnapshots(*model);
  AddLosses(*model);
  NoteReach(*model);
  const absl::string_view prints = box_.Bytes(RegionId::kPrints);
  AdoptPrints(prints, ReadReportTasks(box_, records_, prints, model->objects), name_, *model, damage_);
  // Beside a writer that is still at work, a record may refer to one that is newer than our header.
  if (records_.dangling() > 0 && !alive_) {
    damage_.push_back(
        absl::StrCat(name_, ": ", records_.dangling(), " references to records that do not exist"));
  }
  model->Index();
  return model;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessModel>> ReadBlackBox(absl::string_view bytes, const std::string& name,
                                                           bool alive, std::vector<std::string>& damage) {
  absl::StatusOr<BlackBoxBytes> box = BlackBoxBytes::Open(bytes, name, damage);
  if (!box.ok()) return box.status();
  return BlackBoxReader(*box, name, alive, damage).Read();
}

}  // namespace stray::analyzer
