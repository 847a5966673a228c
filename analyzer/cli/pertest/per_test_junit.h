// SPDX-License-Identifier: Apache-2.0
// per_test_junit.h: the tests of a `stray run --per-test` as JUnit XML, as the framework itself would write it,
// with what stray found beside its own failures.
#ifndef STRAY_ANALYZER_CLI_PERTEST_PER_TEST_JUNIT_H_
#define STRAY_ANALYZER_CLI_PERTEST_PER_TEST_JUNIT_H_

#include <string>
#include <vector>

#include "analyzer/cli/pertest/per_test_run.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {

// `failing`: findings that make the run fail; others stand in the test's output. Ends with a newline.
std::string PerTestJunit(const std::string& program, const std::vector<TestOutcome>& outcomes,
                         const std::vector<Finding>& findings, const std::vector<const Finding*>& failing,
                         const ReportOptions& options);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_PERTEST_PER_TEST_JUNIT_H_
