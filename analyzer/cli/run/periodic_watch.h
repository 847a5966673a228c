// SPDX-License-Identifier: Apache-2.0
// periodic_watch.h: what `--watch` tells: findings of a program at work, when they appear.
//
//   sample (sample.h) --> what lasts, what grows (analysis/) --> what is new --> a block of text, or a line of
//   JSON
//
// It keeps counts and no snapshots, and of everything at most a fixed number, so that it can go on for months.
// Names are looked up only when there is something to tell.
#ifndef STRAY_ANALYZER_CLI_RUN_PERIODIC_WATCH_H_
#define STRAY_ANALYZER_CLI_RUN_PERIODIC_WATCH_H_

#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "analyzer/analysis/growth.h"
#include "analyzer/analysis/told_findings.h"
#include "analyzer/analysis/wait_ages.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/model/model.h"
#include "analyzer/report/policy.h"

namespace stray::analyzer {

// Adds --watch. `period` stays zero without it.
CLI::Option* AddWatchOption(CLI::App& app, std::chrono::nanoseconds& period);

// kInvalidArgument: events cannot be told in the format of `output`.
absl::Status CheckWatchFormat(const OutputSettings& output);

class PeriodicWatch {
 public:
  // All must outlive it. What is told goes to `sink`, in the format of `output`.
  PeriodicWatch(const JudgeSettings& judge, const OutputSettings& output, Policy& policy, ReportSink& sink)
      : judge_(judge), output_(output), policy_(policy), sink_(sink) {}

  // Tells what is new in `model`: processes that run, each with its newest snapshot. Fails if it cannot be
  // written.
  absl::Status Look(Model model);

  uint64_t looks() const { return looks_; }
  size_t told() const { return told_count_; }
  // Of those that were told: what makes the run fail, though it may not be there at its end any more.
  size_t failing() const { return failing_; }

 private:
  // One process, from snapshot to snapshot.
  struct History {
    WaitAges ages;
    GrowthSeries growth;
    uint64_t last_look = 0;
  };
  using Growing = std::vector<std::pair<const ProcessModel*, std::vector<GrowingSite>>>;

  History& HistoryOf(const ProcessModel& process);
  Growing FindGrowing(const Model& model, const std::vector<Finding>& raw);
  bool IsNews(const std::vector<Finding>& raw, const Growing& growing);
  std::vector<Finding> NamedFindings(Model& model, const Growing& growing);
  void DropFreshOrders(std::vector<Finding>& findings) const;
  absl::Status TellNews(Model& model, const Growing& growing);
  absl::Status Tell(const Model& model, const News& news);
  absl::Status TellLosses();
  void Forget();

  const JudgeSettings& judge_;
  const OutputSettings& output_;
  Policy& policy_;
  ReportSink& sink_;
  std::map<std::pair<pid_t, uint64_t>, History> histories_;  // by process and when it started
  ToldFindings told_;
  absl::flat_hash_map<uint64_t, uint32_t>
      orders_;  // lock orders by NamelessKey(): looks in a row that show them
  uint64_t looks_ = 0;
  size_t told_count_ = 0;
  size_t failing_ = 0;
  bool has_lost_ = false;
  bool said_lost_ = false;
};

// When to look: every period, but never more than half of the time.
class WatchClock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  WatchClock(std::chrono::nanoseconds period, Time now) : period_(period), next_(now + period) {}

  Time next() const { return next_; }
  bool IsTime(Time now) const { return now >= next_; }
  // A look took from `begin` to `end`. What it missed meanwhile is not made up for.
  void Looked(Time begin, Time end);

 private:
  std::chrono::nanoseconds period_;
  Time next_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_PERIODIC_WATCH_H_
