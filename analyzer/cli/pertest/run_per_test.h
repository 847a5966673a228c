// SPDX-License-Identifier: Apache-2.0
// run_per_test.h: `stray run --per-test` from the command line to the exit status.
#ifndef STRAY_ANALYZER_CLI_PERTEST_RUN_PER_TEST_H_
#define STRAY_ANALYZER_CLI_PERTEST_RUN_PER_TEST_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/run_settings.h"
#include "analyzer/report/policy.h"

namespace stray::analyzer {

// The options of `app` that have a value and are to hold for the run of each test: all but those that say what
// becomes of the whole.
std::vector<std::string> OptionsForEachTest(const CLI::App& app);

// Runs the tests of `command`, prints the report to `sink`, and returns the exit status.
int RunPerTest(const RunSettings& settings, const std::vector<std::string>& command,
               std::vector<std::string> options, Policy& policy, ReportSink& sink);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_PERTEST_RUN_PER_TEST_H_
