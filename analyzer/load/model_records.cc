// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/model_records.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using wire::Record;

template <typename Messages>
void SendAll(int field, const Messages& messages, RecordSink& sink) {
  for (const auto& message : messages) sink.OnRecord(field, message);
}

void SendSnapshot(const SnapshotModel& snapshot, RecordSink& sink) {
  sink.OnRecord(Record::kSnapshot, snapshot.info);
  SendAll(Record::kTaskState, snapshot.tasks, sink);
  SendAll(Record::kReachEdge, snapshot.reach, sink);
}

void SendUnknown(const std::vector<std::string>& records, RecordSink& sink) {
  for (const std::string& bytes : records) sink.OnUnknown(bytes);
}

void SendProcess(const ProcessModel& process, RecordSink& sink) {
  sink.OnRecord(Record::kProcess, process.process);
  SendAll(Record::kModule, process.modules, sink);
  SendAll(Record::kFrame, process.frames, sink);
  SendAll(Record::kStack, process.stacks, sink);
  SendAll(Record::kObject, process.objects, sink);
  SendAll(Record::kTask, process.tasks, sink);
  SendAll(Record::kLabel, process.labels, sink);
  for (const SnapshotModel& snapshot : process.snapshots) SendSnapshot(snapshot, sink);
  SendAll(Record::kLockChain, process.lock_chains, sink);
  SendAll(Record::kMisuse, process.misuses, sink);
  SendAll(Record::kSanitizerReport, process.sanitizer_reports, sink);
  SendAll(Record::kProfileSite, process.profile_sites, sink);
  SendAll(Record::kTraceBlock, process.trace_blocks, sink);
  SendAll(Record::kLoss, process.losses, sink);
  SendAll(Record::kGap, process.gaps, sink);
  SendAll(Record::kNote, process.notes, sink);
  SendUnknown(process.unknown_records, sink);
}

void SendDamage(const std::vector<std::string>& damage, RecordSink& sink) {
  for (const std::string& text : damage) {
    wire::Note note;
    note.set_text(text);
    note.set_incomplete(true);
    sink.OnRecord(Record::kNote, note);
  }
}

bool SameMessage(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

void SendRecords(const Model& model, RecordSink& sink) {
  SendUnknown(model.unknown_records, sink);
  for (const auto& process : model.processes) SendProcess(*process, sink);
  SendDamage(model.damage, sink);
}

// A Process or Snapshot at the start of a chunk that is known already: what follows continues it.
bool ModelBuilder::IsRepeat(const Record& record) {
  if (!repeats_allowed_) return false;
  if (record.has_process()) {
    for (const auto& process : model_.processes) {
      if (!SameMessage(process->process, record.process())) continue;
      process_ = process.get();
      snapshot_ = nullptr;
      return true;
    }
  } else if (record.has_snapshot() && process_ != nullptr) {
    for (SnapshotModel& snapshot : process_->snapshots) {
      if (!SameMessage(snapshot.info, record.snapshot())) continue;
      snapshot_ = &snapshot;
      return true;
    }
  }
  // A Process that is new here was in a lost chunk; its Snapshot may follow.
  if (!record.has_process()) repeats_allowed_ = false;
  return false;
}

void ModelBuilder::Add(Record& record) {
  if (record.has_end()) {
    end_count_ = record.end().records();
    return;
  }
  if (IsRepeat(record)) return;
  ++record_count_;
  if (record.has_process()) {
    model_.processes.push_back(std::make_unique<ProcessModel>());
    process_ = model_.processes.back().get();
    process_->process = std::move(*record.mutable_process());
    snapshot_ = nullptr;
  } else if (record.record_case() == Record::RECORD_NOT_SET || record.record_case() == Record::kUnknown) {
    AddUnknown(record.SerializeAsString());
  } else if (process_ == nullptr) {
    ++homeless_records_;
  } else {
    AddToProcess(record);
  }
}

bool ModelBuilder::AddSerialized(absl::string_view bytes) {
  if (!scratch_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  Add(scratch_);
  return true;
}

void ModelBuilder::AddUnknown(std::string bytes) {
  auto& records = process_ == nullptr ? model_.unknown_records : process_->unknown_records;
  records.push_back(std::move(bytes));
}

void ModelBuilder::AddTaskState(wire::TaskState& state) {
  if (snapshot_ == nullptr) {
    ++homeless_records_;
  } else {
    snapshot_->tasks.push_back(std::move(state));
  }
}

void ModelBuilder::AddReachEdge(wire::ReachEdge& edge) {
  if (snapshot_ == nullptr) {
    ++homeless_records_;
  } else {
    snapshot_->reach.push_back(std::move(edge));
  }
}

void ModelBuilder::AddToProcess(Record& record) {
  ProcessModel& process = *process_;
  switch (record.record_case()) {
    case Record::kModule:
      return process.modules.push_back(std::move(*record.mutable_module()));
    case Record::kFrame:
      return process.frames.push_back(std::move(*record.mutable_frame()));
    case Record::kStack:
      return process.stacks.push_back(std::move(*record.mutable_stack()));
    case Record::kObject:
      return process.objects.push_back(std::move(*record.mutable_object()));
    case Record::kTask:
      return process.tasks.push_back(std::move(*record.mutable_task()));
    case Record::kSnapshot:
      process.snapshots.emplace_back().info = std::move(*record.mutable_snapshot());
      snapshot_ = &process.snapshots.back();
      return;
    case Record::kTaskState:
      return AddTaskState(*record.mutable_task_state());
    case Record::kReachEdge:
      return AddReachEdge(*record.mutable_reach_edge());
    case Record::kLockChain:
      return process.lock_chains.push_back(std::move(*record.mutable_lock_chain()));
    case Record::kMisuse:
      return process.misuses.push_back(std::move(*record.mutable_misuse()));
    case Record::kSanitizerReport:
      return process.sanitizer_reports.push_back(std::move(*record.mutable_sanitizer_report()));
    case Record::kTraceBlock:
      return process.trace_blocks.push_back(std::move(*record.mutable_trace_block()));
    case Record::kProfileSite:
      return process.profile_sites.push_back(std::move(*record.mutable_profile_site()));
    case Record::kLoss:
      return process.losses.push_back(std::move(*record.mutable_loss()));
    case Record::kGap:
      return process.gaps.push_back(std::move(*record.mutable_gap()));
    case Record::kNote:
      return process.notes.push_back(std::move(*record.mutable_note()));
    case Record::kLabel:
      return process.labels.push_back(std::move(*record.mutable_label()));
    case Record::kProcess:
    case Record::kEnd:
    case Record::kUnknown:
    case Record::RECORD_NOT_SET:
      return;  // Add() has seen to these
  }
}

Model ModelBuilder::Finish() {
  if (homeless_records_ > 0) {
    AddDamage(absl::StrCat(name_, ": ", homeless_records_,
                           " records were dropped: the process or snapshot they belong to is missing"));
  }
  for (const auto& process : model_.processes) process->Index();
  process_ = nullptr;
  snapshot_ = nullptr;
  return std::move(model_);
}

}  // namespace stray::analyzer
