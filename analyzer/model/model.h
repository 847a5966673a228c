// SPDX-License-Identifier: Apache-2.0
// model.h: what a dump says, indexed.
//
// A Model owns the records of one or more processes as they stand in the dump and answers look-ups by id.
// It draws no conclusions; analysis/ does. It is built once, by load/, and not changed after Index().
//
//   Process 1 -- * Task, Object, Stack, Frame, Module, LockChain, Misuse, SanitizerReport, ProfileSite, Gap,
//                  LossCount, Note
//           1 -- * Snapshot 1 -- * TaskState
//
// Ids are unique within their process only.
#ifndef STRAY_ANALYZER_MODEL_MODEL_H_
#define STRAY_ANALYZER_MODEL_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "agent/wire/dump.pb.h"
#include "analyzer/model/timeline.h"

namespace stray::analyzer {

struct SnapshotModel {
  wire::Snapshot info;
  std::vector<wire::TaskState> tasks;
  std::vector<wire::ReachEdge> reach;  // all that there is to say if info.reach() is "complete"

  // The state of `task`, or null if it is not in this snapshot. Valid after ProcessModel::Index().
  const wire::TaskState* Find(uint32_t task) const;

  absl::flat_hash_map<uint32_t, size_t> by_task;
};

struct ProcessModel {
  wire::Process process;
  std::vector<wire::Module> modules;
  std::vector<wire::Frame> frames;
  std::vector<wire::Stack> stacks;
  std::vector<wire::Object> objects;
  std::vector<wire::Task> tasks;
  std::vector<SnapshotModel> snapshots;
  std::vector<wire::LockChain> lock_chains;
  std::vector<wire::Misuse> misuses;
  std::vector<wire::SanitizerReport> sanitizer_reports;
  std::vector<wire::ProfileSite> profile_sites;
  std::vector<wire::TraceBlock> trace_blocks;
  std::optional<Timeline> timeline;  // of these, for who has asked for it (load/trace_timeline.h)
  std::vector<wire::LossCount> losses;
  std::vector<wire::Gap> gaps;
  std::vector<wire::Note> notes;
  std::vector<wire::Label> labels;
  // Records of kinds this version does not know, serialized, in order: for a lossless copy.
  std::vector<std::string> unknown_records;

  // Builds the look-up tables. Call once when all records are in; again after adding records.
  void Index();

  // Look-ups by id (by address for FrameAt). Null when there is no such record. Not before Index().
  const wire::Module* FindModule(uint32_t id) const;
  const wire::Frame* FrameAt(uint64_t address) const;
  const wire::Stack* FindStack(uint32_t id) const;
  const wire::Object* FindObject(uint32_t id) const;
  const wire::Task* FindTask(uint32_t id) const;
  // In the order of the dump. Not before Index().
  std::vector<const wire::Label*> LabelsOf(uint32_t task) const;

  // True if several objects bear this name, so that it tells none of them. Not before Index().
  bool IsSharedName(const std::string& name) const { return shared_names_.contains(name); }

  // The newest snapshot, or null.
  const SnapshotModel* LastSnapshot() const;

 private:
  absl::flat_hash_map<uint32_t, size_t> module_by_id_;
  absl::flat_hash_map<uint64_t, size_t> frame_by_address_;
  absl::flat_hash_map<uint32_t, size_t> stack_by_id_;
  absl::flat_hash_map<uint32_t, size_t> object_by_id_;
  absl::flat_hash_map<uint32_t, size_t> task_by_id_;
  absl::flat_hash_map<uint32_t, std::vector<size_t>> labels_by_task_;
  absl::flat_hash_set<std::string> shared_names_;
};

// One or more files that belong to one run.
struct Model {
  std::vector<std::unique_ptr<ProcessModel>> processes;
  // What the reader had to skip or could not read: "app.stray@0x4f0: ...". Not empty: data is incomplete.
  std::vector<std::string> damage;
  // Records of unknown kinds that stand before the first process.
  std::vector<std::string> unknown_records;

  // Takes over all that `other` has.
  void Append(Model other);
};

// True for the reasons of snapshots that are taken at the end of a program, when what is left is a leak.
bool IsExitSnapshot(const wire::Snapshot& snapshot);

// True if a text has told of the tasks: it proves nothing of those that it does not name, and of the others
// only what it says.
bool IsListing(const wire::Snapshot& snapshot);

// True if it was taken at the end of a test of the program, whose tasks are leaks then. The program goes on.
bool IsTestSnapshot(const wire::Snapshot& snapshot);
// Of that test; "": of no test, or it has none of its own.
std::string TestName(const ProcessModel& process, const wire::Snapshot& snapshot);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_MODEL_MODEL_H_
