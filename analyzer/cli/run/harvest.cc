// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/harvest.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/cli/run/read_box.h"

namespace stray::analyzer {

void KeepOnlyCounts(ProcessModel& process) {
  process.modules.clear();
  process.frames.clear();
  process.stacks.clear();
  process.objects.clear();
  process.lock_chains.clear();
  for (wire::Task& task : process.tasks) task.clear_events();
  for (SnapshotModel& snapshot : process.snapshots) {
    for (wire::TaskState& state : snapshot.tasks) state.clear_held();
  }
  process.Index();
}

void Harvest::Take(const std::string& path) {
  absl::StatusOr<BoxView> box = BoxView::Open(path);
  if (!box.ok()) return;
  Model single;
  absl::StatusOr<std::unique_ptr<ProcessModel>> process =
      ReadBox(*box, std::filesystem::path(path).filename().string(), /*alive=*/false, single.damage);
  if (!process.ok() || !single.damage.empty()) return;
  (*process)->Index();
  single.processes.push_back(*std::move(process));
  if (!keep_all_ && !IsIncomplete(single) &&
      IsUneventful(*single.processes[0], Analyze(single, {.default_ignores = false}))) {
    KeepOnlyCounts(*single.processes[0]);
  }
  taken_.processes.push_back(std::move(single.processes[0]));
  if (traces_ != nullptr) traces_->Keep(path);
  unlink(path.c_str());
}

void Harvest::MoveTo(Model& model) {
  for (std::unique_ptr<ProcessModel>& process : taken_.processes) model.processes.push_back(std::move(process));
  taken_.processes.clear();
}

}  // namespace stray::analyzer
