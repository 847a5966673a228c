// SPDX-License-Identifier: Apache-2.0
// report_settings.h: the options that all subcommands which print a report share.
#ifndef STRAY_ANALYZER_CLI_REPORT_SETTINGS_H_
#define STRAY_ANALYZER_CLI_REPORT_SETTINGS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analyzer/cli/fail_on.h"
#include "analyzer/report/policy.h"

namespace stray::analyzer {

// What decides about findings.
struct JudgeSettings {
  std::string suppressions;  // path, or empty
  std::string baseline;      // the same
  FailOn fail_on;
  bool default_ignores = true;
};

// Where and how the report is written.
struct OutputSettings {
  std::string format = "text";
  std::string file;  // path, "-" for stdout, or empty: where the subcommand writes by default
  std::string color = "auto";
  std::string profile = "";   // which profile of the tasks; empty: goroutine
  std::string labels = "on";  // in formats that list tasks
  bool per_task = false;      // a sample for each task
};

// Adds --suppressions and --no-default-ignores: what decides which findings there are. `settings` must outlive
// `app`.
void AddFindingOptions(CLI::App& app, JudgeSettings& settings);

// Adds these and --baseline.
void AddRuleOptions(CLI::App& app, JudgeSettings& settings);

// Adds these and --fail-on.
void AddJudgeOptions(CLI::App& app, JudgeSettings& settings);

// Adds --format with these words, the first of which is the default, -o and --color.
void AddOutputOptions(CLI::App& app, OutputSettings& settings, const std::vector<std::string>& formats);

// Adds these with all formats of a report, and the options that some of the formats have.
void AddReportOutputOptions(CLI::App& app, OutputSettings& settings);

// kInvalidArgument for options that the format does not have, and for binary data that would go to a terminal
// or between messages. `standard` is the descriptor used when no file is named: 1 or 2.
absl::Status CheckOutput(const OutputSettings& settings, int standard);

// Reads rules and baseline; there are none where no file is named.
absl::StatusOr<Policy> ReadPolicy(const JudgeSettings& settings);

// All of a file that is called `what` in messages.
absl::StatusOr<std::string> ReadPolicyFile(absl::string_view what, const std::string& path);

// A report's way out. Opened before the work begins, so that a path that cannot be written is told at once.
class ReportSink {
 public:
  // Fails as CheckOutput() does, too.
  static absl::StatusOr<ReportSink> Open(const OutputSettings& settings, int standard);

  ReportSink(ReportSink&& other) noexcept;
  ReportSink& operator=(ReportSink&&) = delete;
  ~ReportSink();

  bool IsFile() const { return owned_; }
  bool use_color() const { return color_; }

  // Writes all of `text`.
  absl::Status Write(absl::string_view text);

  // There is nothing to write after all: a file that would be empty is taken away again.
  void Discard();

 private:
  ReportSink(int fd, bool owned, std::string name, bool color);

  int fd_;
  bool owned_;
  std::string name_;
  bool color_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_REPORT_SETTINGS_H_
