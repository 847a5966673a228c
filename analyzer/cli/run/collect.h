// SPDX-License-Identifier: Apache-2.0
// collect.h: the black boxes of a run, read into one Model.
#ifndef STRAY_ANALYZER_CLI_RUN_COLLECT_H_
#define STRAY_ANALYZER_CLI_RUN_COLLECT_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "agent/wire/black_box.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct CollectOptions {
  pid_t first = 0;  // the process to put first: the command itself
  // What processes that still run are asked for a snapshot with.
  box::SnapshotReason reason = box::SnapshotReason::kRequest;
  // The command has ended: note of processes that still run that they were not waited for.
  bool after_end = false;
  std::chrono::nanoseconds limit = std::chrono::seconds(5);  // for all answers together
};

// Puts the process `first` first, and the others in the order in which they started.
void SortProcesses(Model& model, pid_t first);

// Reads every box of `paths`. What cannot be read becomes Model::damage; what did not answer becomes a Note
// of its process. Indexed, not symbolized.
Model CollectBoxes(absl::Span<const std::string> paths, const CollectOptions& options);

// Writes each process of `model` as DIR/PROGRAM.PID.stray (a process that replaced its program by another of
// the same name: PROGRAM.PID-2.stray) and returns the paths. Makes `directory` if need be.
absl::StatusOr<std::vector<std::string>> WriteDumps(Model& model, const std::string& directory);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_COLLECT_H_
