// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/fate.h"

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"

namespace stray::analyzer {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;

}  // namespace

bool HasEnded(const ProcessModel& process, uint32_t task) {
  const wire::Task* record = process.FindTask(task);
  return record != nullptr && record->finished();
}

std::optional<uint64_t> EndedBefore(const ProcessModel& process, const SnapshotModel* snapshot, uint32_t task) {
  const wire::Task* record = process.FindTask(task);
  if (record == nullptr || !record->finished() || record->end_ns() == 0) return std::nullopt;
  if (snapshot == nullptr || snapshot->info.time_ns() == 0) return std::nullopt;
  // The clock that ends are noted by is a coarse one, which may lag.
  return snapshot->info.time_ns() < record->end_ns() ? 0 : snapshot->info.time_ns() - record->end_ns();
}

std::string EndedClause(const ProcessModel& process, const SnapshotModel* snapshot, uint32_t task) {
  if (!HasEnded(process, task)) return "";
  const std::optional<uint64_t> before = EndedBefore(process, snapshot, task);
  if (!before.has_value()) return "has ended";
  const char* const point = IsExitSnapshot(snapshot->info) ? "the program did" : "the snapshot";
  if (*before < kMillisecond) return absl::StrCat("ended just before ", point);
  return absl::StrCat("ended ", DurationText(*before), " before ", point);
}

std::string FateClause(const ProcessModel& process, const SnapshotModel* snapshot, uint32_t task) {
  if (HasEnded(process, task)) return EndedClause(process, snapshot, task);
  const wire::TaskState* state = snapshot == nullptr ? nullptr : snapshot->Find(task);
  if (state == nullptr || state->state() != "blocked") return "";
  const std::string stack = PlaceOfStack(process, state->stack());
  return absl::StrCat("is now blocked in ", state->wait_reason(),
                      AtPlace(stack.empty() ? PlaceLabel(process, state->site()) : stack));
}

}  // namespace stray::analyzer
