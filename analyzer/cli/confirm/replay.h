// SPDX-License-Identifier: Apache-2.0
// replay.h: one run of a program under a given order of its goroutines, recorded, to see what happens in it.
#ifndef STRAY_ANALYZER_CLI_CONFIRM_REPLAY_H_
#define STRAY_ANALYZER_CLI_CONFIRM_REPLAY_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/wire/steering.h"
#include "analyzer/cli/run/run_settings.h"
#include "analyzer/cli/run/supervisor.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// What there is to see in a run, or in a moment of it.
struct ReplaySight {
  bool has_happened = false;   // what was looked for
  bool is_deadlocked = false;  // some deadlock is proved
};

struct ReplayPlan {
  std::vector<std::string> command;
  std::string directory;  // that it begins in; empty: in stray's
  std::string order;      // STRAY_SCHED, but for steer:FILE
  // The schedule to be steered by, of the place where the outcome is told; null: `order` says it all.
  std::function<std::string(const std::string& outcome)> schedule;
  RunSettings settings;  // limits, and what is recorded
  // Looks at a model, of processes that still run or of ones that have ended, which is not explained yet.
  std::function<ReplaySight(Model& model)> look;
  bool looks_while_it_runs = true;  // and not only where it stands still, or has ended
};

struct Replay {
  int exec_error = 0;  // errno: the program cannot be run, and all else is empty
  bool has_happened = false;
  RunEnd end = RunEnd::kByItself;
  int wait_status = 0;
  int signal = 0;             // not 0: the user's, who wants it to end
  bool used_runtime = false;  // stray's goroutine runtime was in it
  steering::SteeringOutcome outcome = {};
  Model model;  // that was looked at last
};

// Runs `plan` to its end, or until it has happened. A failing status is stray's own problem.
absl::StatusOr<Replay> RunReplay(const ReplayPlan& plan, const std::string& agent, const std::string& heap);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_CONFIRM_REPLAY_H_
