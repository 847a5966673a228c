// SPDX-License-Identifier: Apache-2.0
// blind_spots.h: programs of a run that the agent was not in, and so nobody looked at.
//
// Silence about them would look like "nothing found". The command itself makes the run incomplete; for a
// program that the command started, a note is enough: most of those (a static busybox in a script) are not
// what is being tested.
#ifndef STRAY_ANALYZER_CLI_RUN_BLIND_SPOTS_H_
#define STRAY_ANALYZER_CLI_RUN_BLIND_SPOTS_H_

#include <sys/types.h>

#include "absl/types/span.h"
#include "analyzer/cli/run/session.h"
#include "analyzer/cli/run/target_binary.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// Adds a Gap if the command, process `child`, left no black box or became a program that left none, and
// notes for other processes that did. Processes that only became another, watched program and have nothing
// to tell are dropped. `target` says why the command may have left none.
void MarkBlindSpots(Model& model, pid_t child, const TargetBinary& target);

// Adds a note for each program that processes of the run became, as `marks` say, and that an agent cannot
// enter.
void MarkUnwatchedPrograms(Model& model, pid_t child, absl::Span<const ExecMark> marks);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_BLIND_SPOTS_H_
