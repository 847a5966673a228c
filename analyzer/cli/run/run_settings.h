// SPDX-License-Identifier: Apache-2.0
// run_settings.h: what `stray run` was told to do.
#ifndef STRAY_ANALYZER_CLI_RUN_RUN_SETTINGS_H_
#define STRAY_ANALYZER_CLI_RUN_RUN_SETTINGS_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/exit_status.h"
#include "analyzer/cli/run/wait_rates.h"
#include "analyzer/cli/serve/serving.h"
#include "analyzer/load/events_that_fit.h"

namespace stray::analyzer {

struct RunSettings {
  JudgeSettings judge;
  OutputSettings output;
  std::chrono::nanoseconds settle = std::chrono::milliseconds(400);
  std::chrono::nanoseconds grace = std::chrono::seconds(1);
  std::chrono::nanoseconds watch{0};     // how often to look; 0: at the end only
  std::chrono::nanoseconds timeout{-1};  // 0: none; -1: not said
  std::string dump_directory;            // empty: dumps are not kept
  int findings_status = kStatusFindings;
  int signal = 0;      // that asks for snapshots; 0: the agent's default
  uint64_t seeds = 0;  // how many orders of goroutines to try; 0: one run, as it comes
  std::string order;   // STRAY_SCHED of that run; empty: as it is
  HttpSettings http;
  WaitRates wait_rates;
  std::string per_test;  // "auto", or which framework; empty: one run of all tests
  size_t jobs = 0;       // of --per-test at a time; 0: as many as there are processors
  bool keep_all = true;  // dumps of runs without findings, too
  bool prove = false;    // say who can reach what
  std::string trace;     // "wait" or "drop": what to do where there is no room; empty: no trace
  uint64_t trace_bytes = uint64_t{1} << 30;  // that are kept of it
  // Of longer traces only races are looked for, and nothing is foreseen.
  uint32_t trace_events = EventsThatFit();
  bool all_seeds = false;  // also behind one that has found something
  bool follow = true;
  bool quiet = false;
  bool list_ignores = false;
};

// Adds all options of `stray run`. `settings` must outlive `app`.
void AddRunOptions(CLI::App& app, RunSettings& settings);

// What STRAY_OPTIONS of the target says to the agent.
std::string AgentOptions(const RunSettings& settings);

// The limit of the run: --timeout, or a little less than the limit at which a test runner would kill it, as
// the runner's environment says (TEST_TIMEOUT of Bazel and others, in seconds): 5 %, at least 2 s, earlier.
// `variable` looks up the environment.
std::optional<std::chrono::nanoseconds> EffectiveTimeout(
    const RunSettings& settings, const std::function<const char*(const char*)>& variable);

// How long a test binary may take to list its tests (--per-test): a limit that was said, with --timeout or by a
// test runner; a minute otherwise.
std::optional<std::chrono::nanoseconds> ListingLimit(const RunSettings& settings,
                                                     const std::function<const char*(const char*)>& variable);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_RUN_SETTINGS_H_
