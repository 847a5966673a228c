// SPDX-License-Identifier: Apache-2.0
// launcher.h: starts the target under the agent.
//
// What the target gets from stray is what it would have got from the shell (descriptors, signal mask and
// dispositions, process group, working directory, environment), plus these variables:
//
//   LD_PRELOAD      the agent, before whatever stood there
//   STRAY_SESSION   where to put black boxes
//   STRAY_OPTIONS   what agent/options.inc lists
//   ASAN_OPTIONS    what stood there, and that libasan need not be the first library: the agent is
//   STRAY_SCHED     with --sched or --seeds, and for `stray confirm`
//
// If stray is killed, the target is killed too (PR_SET_PDEATHSIG): otherwise a hung target would be left
// behind with the pipes of a test runner open, and the runner would wait for ever.
#ifndef STRAY_ANALYZER_CLI_RUN_LAUNCHER_H_
#define STRAY_ANALYZER_CLI_RUN_LAUNCHER_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/run/signals.h"

namespace stray::analyzer {

struct LaunchPlan {
  std::vector<std::string> command;  // not empty
  std::string session;
  std::string agent;  // path; empty: start without the agent
  std::string heap;   // path of the library that notes blocks of the heap; empty: not wanted
  std::string agent_options;
  std::string order;           // STRAY_SCHED; empty: as it is
  std::string directory = {};  // that it begins in; empty: in stray's
};

// The environment of the target: `current` ("NAME=value") with the variables above set.
std::vector<std::string> TargetEnvironment(const std::vector<std::string>& current, const LaunchPlan& plan);

struct Launched {
  pid_t pid = 0;
  int exec_error = 0;  // errno of exec, then there is no process any more; 0: the target runs
};

// Starts the target. `signals` are given back in the child. A failing status is stray's own problem (fork).
absl::StatusOr<Launched> Launch(const LaunchPlan& plan, const Signals& signals);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_LAUNCHER_H_
