// SPDX-License-Identifier: Apache-2.0
// sample.h: a snapshot of each process that runs, for who watches them from one to the next.
#ifndef STRAY_ANALYZER_CLI_RUN_SAMPLE_H_
#define STRAY_ANALYZER_CLI_RUN_SAMPLE_H_

#include <sys/types.h>

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// By a signal or a debugger: it will not answer, and to wait for that keeps the user waiting.
bool IsStopped(pid_t pid);

// Asks one process for a snapshot and adds what its box says to `model`, indexed. `wants_proof`: who can reach
// what, too, if the process was started for that.
absl::Status SampleProcess(const BoxView& box, bool wants_proof, Model& model);

// The same of all that run and answer. Others are left out: there will be a next time.
Model SampleBoxes(absl::Span<const std::string> paths, bool wants_proof);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_SAMPLE_H_
