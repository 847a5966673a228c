// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/report_tasks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "agent/wire/black_box.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {
namespace {

using box::EventKind;
using box::ObjectKind;
using box::RegionId;

// What an operation of the runtime is done with.
ObjectKind KindOfObject(EventKind operation) {
  switch (operation) {
    case EventKind::kChanSend:
    case EventKind::kChanReceive:
    case EventKind::kChanClose:
      return ObjectKind::kChannel;
    case EventKind::kGroupDone:
    case EventKind::kGroupWait:
      return ObjectKind::kWaitGroup;
    case EventKind::kReadLock:
    case EventKind::kRwUnlock:
      return ObjectKind::kRwlock;
    default:
      return ObjectKind::kMutex;
  }
}

// Objects of the runtime by address: the last one that lay there.
class ObjectsByAddress {
 public:
  explicit ObjectsByAddress(std::vector<wire::Object>& objects) : objects_(objects) {
    for (const wire::Object& object : objects) {
      known_[object.address()] = object.id();
      last_ = std::max(last_, object.id());
    }
  }

  uint32_t Of(uint64_t address, EventKind operation) {
    if (address == 0) return 0;
    auto [it, is_new] = known_.try_emplace(address, last_ + 1);
    if (!is_new) return it->second;
    wire::Object& object = objects_.emplace_back();
    object.set_id(++last_);
    object.set_address(address);
    object.set_kind(std::string(ObjectKindWord(static_cast<uint64_t>(KindOfObject(operation)))));
    return it->second;
  }

 private:
  std::vector<wire::Object>& objects_;
  absl::flat_hash_map<uint64_t, uint32_t> known_;
  uint32_t last_ = 0;
};

}  // namespace

std::vector<TaskHistory> ReadReportTasks(const BlackBoxBytes& box, BoxRecords& records, absl::string_view text,
                                         std::vector<wire::Object>& objects) {
  std::vector<TaskHistory> histories;
  const uint64_t count = box.Count(RegionId::kReportTasks);
  if (count == 0) return histories;
  ObjectsByAddress by_address(objects);
  size_t at = 0, line = 1;
  for (uint32_t i = 1; i <= count; ++i) {
    const auto record = box.At<box::ReportTask>(RegionId::kReportTasks, i);
    if (record.task == 0 || record.print == 0) continue;
    const size_t print = std::min<size_t>(record.print - 1, text.size());
    // Pieces of text are kept in order, so this goes forward; where a damaged box goes back, the line stays.
    if (print > at) line += static_cast<size_t>(std::count(text.begin() + at, text.begin() + print, '\n'));
    at = std::max(at, print);
    TaskHistory& history = histories.emplace_back();
    history.line = line;
    history.task = records.ReportTask(
        record, [&](uint64_t address, EventKind operation) { return by_address.Of(address, operation); });
  }
  return histories;
}

}  // namespace stray::analyzer
