// SPDX-License-Identifier: Apache-2.0
// per_test_run.h: `stray run --per-test`: each test of a binary in a process of its own, under a stray of its
// own.
//
//   list the tests ---> for each, some at a time: stray run ... -- ./tests --gtest_filter=Cart.Add
//                         its output, and, if there is anything to tell, its dumps
//   read the dumps ---> one report, in which every task has the name of its test
//
// Nothing of one test can be seen by the next, or be taken for its doing: what a finding says of a process is
// true of the test.
#ifndef STRAY_ANALYZER_CLI_PERTEST_PER_TEST_RUN_H_
#define STRAY_ANALYZER_CLI_PERTEST_PER_TEST_RUN_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/cli/pertest/test_framework.h"
#include "analyzer/cli/pertest/test_pool.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

struct PerTestPlan {
  std::vector<std::string> command;        // the test binary and its arguments
  std::vector<std::string> stray_options;  // for each `stray run`
  TestFramework framework = TestFramework::kGoogleTest;
  size_t at_once = 1;
  bool quiet = false;
  bool keep_all = false;       // dumps of tests without findings as well
  std::string dump_directory;  // where dumps stay, a folder for each test; empty: nowhere
  // How long the program may take to list its tests; nullopt: for ever.
  std::optional<std::chrono::nanoseconds> listing_limit;
};

// What became of one test.
struct TestOutcome {
  TestCase test;
  PoolResult result;
  std::string output;  // what it printed, its end if it was too much
  bool cut = false;
  bool has_findings = false;                   // also such as do not make a run fail
  std::vector<const ProcessModel*> processes;  // of these

  bool HasTimedOut() const;
  // The program failed, whatever stray found.
  bool HasFailed() const;
};

class PerTestRun {
 public:
  // `folder` is empty, and the caller's to remove.
  PerTestRun(PerTestPlan plan, std::string folder, Signals& signals)
      : plan_(std::move(plan)), folder_(std::move(folder)), signals_(signals) {}

  // kInvalidArgument: the program does not list its tests; kDeadlineExceeded: not within the limit; kNotFound:
  // there are none.
  absl::Status ListTests();

  // Runs them all and reads what they left. Says on stderr how it goes.
  absl::Status RunTests();

  // Of all tests; names included.
  Model& model() { return model_; }
  // In the order of the listing. Their processes are those of model().
  const std::vector<TestOutcome>& outcomes() const { return outcomes_; }
  int interrupted_by() const { return interrupted_by_; }

  // Gives each task of model() that has none the name of its test. Not before the model was judged.
  void NameTests();

 private:
  std::string DumpsOf(size_t number) const;
  PoolJob JobOf(size_t number) const;
  void OnEnd(size_t number, const PoolResult& result);
  absl::Status ReadDumps(size_t number);
  absl::Status KeepDumps(size_t number, const std::vector<std::string>& paths);

  PerTestPlan plan_;
  std::string folder_;
  Signals& signals_;
  std::vector<TestOutcome> outcomes_;
  Model model_;
  absl::flat_hash_set<std::string> kept_folders_;
  size_t ended_ = 0;
  int interrupted_by_ = 0;
};

// "40 tests: 37 passed, 2 failed, 1 with findings". `failing`: findings that make the run fail.
std::string SummaryOf(const std::vector<TestOutcome>& outcomes, const std::vector<const Finding*>& failing);

// What `stray run --per-test` exits with: 1 if a test failed by itself, else what findings and data say.
int PerTestStatus(const std::vector<TestOutcome>& outcomes, bool failing_findings, bool incomplete,
                  int findings_status);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_PERTEST_PER_TEST_RUN_H_
