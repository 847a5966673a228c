// SPDX-License-Identifier: Apache-2.0
// model_records.h: a Model as a row of Records, and a row of Records as a Model.
//
// The one place that knows the order of records. Dump and text differ only in how they spell a record.
//
//   Process  Module*  Frame*  Stack*  Object*  Task*  Label*  (Snapshot TaskState*)*
//            LockChain*  Misuse*  SanitizerReport*  LossCount*  Gap*  Note*  unknown*   and the next Process
//
// A reader relies on two things only: what belongs to a process stands after its Process, and a TaskState
// stands after its Snapshot.
#ifndef STRAY_ANALYZER_LOAD_MODEL_RECORDS_H_
#define STRAY_ANALYZER_LOAD_MODEL_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Takes the records of a Model, in order.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // `field` is the number of the record's kind in wire::Record, `message` what stands in it.
  virtual void OnRecord(int field, const google::protobuf::Message& message) = 0;

  // A record of a kind this version does not know: a serialized wire::Record.
  virtual void OnUnknown(absl::string_view bytes) = 0;
};

// Sends all records of `model` to `sink`, without an End. What was damaged in the files that `model` was read
// from is sent as Notes, so that a copy does not look more complete than the original.
void SendRecords(const Model& model, RecordSink& sink);

// Builds a Model from records. Records that make no sense where they stand are dropped and counted.
class ModelBuilder {
 public:
  // `name` places messages: "app.stray: ...".
  explicit ModelBuilder(std::string name) : name_(std::move(name)) {}

  // A chunk begins. Its first records may repeat the Process and the Snapshot that it continues, so that
  // it can be understood when the chunk before it is lost.
  void BeginChunk() { repeats_allowed_ = true; }

  // Takes over the content of `record`.
  void Add(wire::Record& record);

  // Takes a serialized wire::Record. False if it is none.
  bool AddSerialized(absl::string_view bytes);

  // Adds to Model::damage.
  void AddDamage(std::string damage) { model_.damage.push_back(std::move(damage)); }

  // Records taken so far, repeats and End not counted.
  uint64_t record_count() const { return record_count_; }
  // What the End record says it should be; empty if there was no End.
  std::optional<uint64_t> end_count() const { return end_count_; }
  bool HasProcess() const { return !model_.processes.empty(); }

  // The finished, indexed Model. Leaves the builder empty.
  Model Finish();

 private:
  bool IsRepeat(const wire::Record& record);
  void AddUnknown(std::string bytes);
  void AddToProcess(wire::Record& record);
  void AddTaskState(wire::TaskState& state);
  void AddReachEdge(wire::ReachEdge& edge);

  std::string name_;
  Model model_;
  ProcessModel* process_ = nullptr;    // the one that records belong to now
  SnapshotModel* snapshot_ = nullptr;  // the one that task states belong to now
  bool repeats_allowed_ = false;
  uint64_t record_count_ = 0;
  uint64_t homeless_records_ = 0;  // before the first Process, or TaskState before a Snapshot
  std::optional<uint64_t> end_count_;
  wire::Record scratch_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_MODEL_RECORDS_H_
