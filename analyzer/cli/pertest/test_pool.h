// SPDX-License-Identifier: Apache-2.0
// test_pool.h: many commands, some of them at a time.
#ifndef STRAY_ANALYZER_CLI_PERTEST_TEST_POOL_H_
#define STRAY_ANALYZER_CLI_PERTEST_TEST_POOL_H_

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "analyzer/cli/run/signals.h"

namespace stray::analyzer {

struct PoolJob {
  std::vector<std::string> command;      // [0]: path of the program
  std::string output;                    // path of the file that gets what it prints
  std::vector<std::string> environment;  // "NAME=VALUE", all of it
  // A program that may go on when it is told to end: it is killed then. Not for a stray, which has another
  // program to end.
  bool is_foreign = false;
  std::optional<std::chrono::nanoseconds> limit;  // when a foreign one is told to end
};

struct PoolResult {
  bool ran = false;  // false: there was no time for it any more
  int status = 0;    // as a shell says it: 128+N if signal N has killed it
  double seconds = 0;
  bool timed_out = false;  // it was ended at its limit
};

class TestPool {
 public:
  // `signals` must outlive it. `done` is called with the number of each job when it has ended.
  TestPool(Signals& signals, size_t at_once, std::function<void(size_t, const PoolResult&)> done)
      : signals_(signals), at_once_(at_once), done_(std::move(done)) {}

  // Runs them all, in order. Ctrl-C, SIGTERM or SIGHUP: no more are started, and those that run are told.
  // Fails if one cannot be started.
  absl::Status Run(const std::vector<PoolJob>& jobs);

  bool was_interrupted() const { return interrupted_by_ != 0; }
  int interrupted_by() const { return interrupted_by_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    size_t job;
    Clock::time_point begin;
    bool is_foreign = false;
    Clock::time_point end_at = Clock::time_point::max();  // when it gets the next signal
    bool was_told = false;                                // to end; the next signal kills
    bool timed_out = false;
  };

  absl::Status Start(const PoolJob& job, size_t number);
  void Reap();
  void HandleSignals();
  // Ends those that are over their limit.
  void EndOverdue();
  void Wait() const;

  Signals& signals_;
  const size_t at_once_;
  const std::function<void(size_t, const PoolResult&)> done_;
  absl::flat_hash_map<pid_t, Running> running_;
  int interrupted_by_ = 0;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_PERTEST_TEST_POOL_H_
