// SPDX-License-Identifier: Apache-2.0
// box_records.h: each record of a black box as the record of a dump.
//
// Numbers become words, pool offsets become lists, references stay what they are: the index of an object or
// stack, the serial of a task. A reference to a record that does not exist becomes 0 and is counted.
#ifndef STRAY_ANALYZER_LOAD_BOX_RECORDS_H_
#define STRAY_ANALYZER_LOAD_BOX_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "agent/wire/dump.pb.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/black_box_bytes.h"

namespace stray::analyzer {

// All functions that return an optional give nothing for a record that is not (or no longer) published.
class BoxRecords {
 public:
  // `box` must outlive this.
  explicit BoxRecords(const BlackBoxBytes& box) : box_(box) {}

  // Everything but the state, which takes more than the header to tell.
  wire::Process Process() const;

  std::optional<wire::Module> Module(uint32_t index) const;
  std::optional<wire::Stack> Stack(uint32_t index);
  std::optional<wire::Object> Object(uint32_t index);
  std::optional<wire::LockChain> LockChain(uint32_t index);
  std::optional<wire::Misuse> Misuse(uint32_t index);
  std::optional<wire::Gap> Gap(uint32_t index) const;
  // Waits that have ended.
  std::optional<wire::ProfileSite> WaitTotal(uint32_t index);

  // `record` as a whole, with its events. Records of snapshots have none: set event_head to 0 first.
  std::optional<wire::Task> Task(const box::TaskRecord& record);

  // What `record` says about the task at `time_ns`; the stack is the one of the last snapshot, if any.
  wire::TaskState TaskState(const box::TaskRecord& record, uint64_t time_ns);

  // Who has used the channels among `objects`.
  void AddUses(std::vector<wire::Object>& objects);
  // Of a task that has used one of them; empty: it has none.
  std::string NameOfUser(uint32_t task) const;
  // When it ended, if the snapshot was taken at `time_ns`; 0: it has not, or that is not known.
  uint64_t EndOfUser(uint32_t task, uint64_t time_ns) const;

  // A goroutine of which something is kept when it has ended.
  std::optional<wire::Task> Life(uint32_t index);

  // The same of a goroutine. `create_stack`: where it was created.
  wire::Task Goroutine(const box::GoroutineState& record, uint32_t create_stack);
  // `machine`: the thread that it runs on, null if it does not run. What that thread holds, and waits for in a
  // call that blocks it, the goroutine does.
  wire::TaskState GoroutineState(const box::GoroutineState& record, const box::TaskRecord* machine,
                                 uint64_t time_ns);

  // The labels that string `labels` of the box holds.
  std::vector<wire::Label> Labels(uint32_t task, uint32_t labels) const;

  // The number of an object of the goroutine runtime, by its address and by what was done with it.
  using FindObject = absl::FunctionRef<uint32_t(uint64_t address, box::EventKind operation)>;
  wire::ReportTask ReportTask(const box::ReportTask& record, FindObject find_object);

  // References to records that do not exist, so far.
  uint64_t dangling() const { return dangling_; }

 private:
  uint32_t ObjectReference(uint64_t index);
  uint32_t StackReference(uint64_t index);
  void SetSite(box::Site site, wire::Site* out);
  void AddEvents(const box::TaskRecord& record, wire::Task& task);
  void AddAncestors(uint32_t creation, wire::Task& task);
  void AddHeld(const box::TaskRecord& record, wire::TaskState& state);
  void AddHeld(const box::GoroutineState& record, wire::TaskState& state);
  void AddCases(const box::GoroutineState& record, wire::TaskState& state);
  using HeldList = google::protobuf::RepeatedPtrField<wire::Held>;
  void AddHeldLock(const box::HeldLock& lock, HeldList& list);
  void SetTest(uint32_t test, wire::Task& task) const;
  // `object`: as in box::Event.
  wire::Event Event(box::EventKind kind, uint32_t object, uint32_t sequence, box::Site site);
  void AddWait(const box::TaskRecord& record, uint64_t time_ns, wire::TaskState& state);

  const BlackBoxBytes& box_;
  uint64_t dangling_ = 0;
  absl::flat_hash_map<uint32_t, uint32_t> user_names_;  // strings, by task
  absl::flat_hash_map<uint32_t, uint32_t> user_ends_;   // UseRecord::ended_ms, by task
};

// Published, and not one of the agent's own threads, nor one that runs goroutines.
bool IsVisibleTask(const box::TaskRecord& record);
bool IsMachine(const box::TaskRecord& record);
bool IsFinished(const box::TaskRecord& record);
bool IsBlocked(const box::TaskRecord& record);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_BOX_RECORDS_H_
