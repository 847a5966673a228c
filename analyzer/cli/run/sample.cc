// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/sample.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/run/process_info.h"
#include "analyzer/cli/run/read_box.h"
#include "analyzer/cli/run/snapshot_request.h"

namespace stray::analyzer {
namespace {

constexpr std::chrono::seconds kQuick(5), kLongest(90);  // to answer; to read all memory, as well

}  // namespace

bool IsStopped(pid_t pid) {
  const std::optional<ProcessStat> stat = ReadProcessStat(pid);
  return stat.has_value() && (stat->state == 'T' || stat->state == 't');
}

absl::Status SampleProcess(const BoxView& box, bool wants_proof, Model& model) {
  const absl::Status answered =
      RequestSnapshot(box, box::SnapshotReason::kRequest, wants_proof ? kLongest : kQuick, wants_proof);
  if (!answered.ok()) return answered;
  absl::StatusOr<std::unique_ptr<ProcessModel>> process =
      ReadBox(box, absl::StrCat("process ", box.pid()), box.IsAlive(), model.damage);
  if (!process.ok()) return process.status();
  (*process)->Index();
  model.processes.push_back(*std::move(process));
  return absl::OkStatus();
}

Model SampleBoxes(absl::Span<const std::string> paths, bool wants_proof) {
  Model model;
  for (const std::string& path : paths) {
    const absl::StatusOr<BoxView> box = BoxView::Open(path);
    if (!box.ok() || box->IsStarting() || !box->IsAlive() || IsStopped(box->pid())) continue;
    Model single;
    if (SampleProcess(*box, wants_proof, single).ok()) model.Append(std::move(single));
  }
  return model;
}

}  // namespace stray::analyzer
