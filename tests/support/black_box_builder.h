// SPDX-License-Identifier: Apache-2.0
// black_box_builder.h: black boxes for tests, laid out in memory as an agent would have left them.
//
//   BlackBoxBuilder box;
//   const uint32_t mutex = box.AddObject(box::ObjectKind::kMutex, 0x7000);
//   box::TaskRecord& worker = box.AddTask("worker");
//   BlackBoxBuilder::Block(worker, box::WaitReason::kMutexLock, mutex, /*since_ns=*/5'000);
//   BlackBoxBuilder::Hold(worker, other_mutex, /*site=*/0x401000);
//   box.TakeSnapshot(box::SnapshotReason::kExit, /*time_ns=*/9'000);
//   ReadBlackBox(box.Build(), "test.box", /*alive=*/false, damage);
//
// Every Add gives the index by which other records refer to this one; references to records stay valid.
// What a test wants to be wrong it changes in header(), in a record, or in the bytes that Build() returns.
#ifndef STRAY_TESTS_SUPPORT_BLACK_BOX_BUILDER_H_
#define STRAY_TESTS_SUPPORT_BLACK_BOX_BUILDER_H_

#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/wire/black_box.h"
#include "agent/wire/wait_totals.h"

namespace stray::test {

class BlackBoxBuilder {
 public:
  // An exited process 4711 "/bin/app" with no tasks.
  BlackBoxBuilder();

  // Sizes and regions of the header are filled in by Build().
  box::BlackBoxHeader& header() { return header_; }

  // The next serial, from 1; the first is main. State: running.
  box::TaskRecord& AddTask(absl::string_view name);
  uint32_t AddObject(box::ObjectKind kind, uint64_t address);
  box::ObjectRecord& object(uint32_t index) { return objects_[index - 1]; }
  // Innermost address first; `flags` is of StackFlags.
  uint32_t AddStack(const std::vector<uint64_t>& addresses, uint16_t flags = 0);
  uint32_t AddString(absl::string_view text);
  box::ModuleRecord& AddModule(absl::string_view path, uint64_t start, uint64_t end);
  // Sightings are the caller's to add.
  box::LockChainRecord& AddChain(const std::vector<box::ChainEntry>& entries);
  box::MisuseRecord& AddMisuse(box::MisuseKind kind);
  box::WaitTotal& AddWaitTotal(box::WaitTotalKind kind, box::WaitReason reason, uint32_t stack);
  void AddGap(box::GapKind kind, absl::string_view text, uint64_t number);

  // Room in the pool for a copy of `entries`; returns its offset.
  template <typename Entry>
  uint64_t AddPool(const std::vector<Entry>& entries) {
    pool_.resize((pool_.size() + 7) / 8 * 8);
    const size_t offset = pool_.size();
    pool_.resize(offset + entries.size() * sizeof(Entry));
    if (!entries.empty()) std::memcpy(&pool_[offset], entries.data(), entries.size() * sizeof(Entry));
    return offset;
  }

  static void Block(box::TaskRecord& task, box::WaitReason reason, uint32_t object, uint64_t since_ns);
  static void Wake(box::TaskRecord& task);
  static void Finish(box::TaskRecord& task, uint64_t end_ns);
  // Inline only: at most kHeldInline.
  static void Hold(box::TaskRecord& task, uint32_t object, box::Site site, uint16_t flags = 0);
  static void AddEvent(box::TaskRecord& task, box::EventKind kind, uint32_t object, uint32_t sequence,
                       box::Site site);

  // Copies all tasks that have not finished, as the agent does.
  void TakeSnapshot(box::SnapshotReason reason, uint64_t time_ns);

  // The bytes of the file.
  std::string Build() const;

 private:
  box::BlackBoxHeader header_ = {};
  std::deque<box::TaskRecord> tasks_;
  std::deque<box::ObjectRecord> objects_;
  std::deque<box::StackRecord> stacks_;
  std::vector<uint64_t> words_;
  std::deque<box::LockChainRecord> chains_;
  std::string pool_ = std::string(8, '\0');
  std::deque<box::MisuseRecord> misuses_;
  std::deque<box::ModuleRecord> modules_;
  std::string strings_;
  std::deque<box::GapRecord> gaps_;
  std::deque<box::SnapshotTask> snapshot_;
  std::deque<box::WaitTotal> wait_totals_;
};

}  // namespace stray::test

#endif  // STRAY_TESTS_SUPPORT_BLACK_BOX_BUILDER_H_
