// SPDX-License-Identifier: Apache-2.0
// cmd_report.cc: `stray report`: what dumps and logs say.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_formats.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples = R"(Examples:
  stray report app.4711.stray                         the report as text
  stray report --format json -o report.json *.stray   several processes in one
  stray report --fail-on 'deadlock.*' app.4711.stray  fail on deadlocks only
  stray report tsan.log.*                             logs of ThreadSanitizer or Go
  stray report --baseline app.baseline app.*.stray    fail on new findings only
  stray report --format pprof -o tasks.pb.gz app.4711.stray
  stray report goroutines.txt                         goroutines of debug=2, panics
  curl -s HOST/debug/pprof/goroutine | stray report /dev/stdin
  gdb -p PID -batch -ex 'thread apply all bt' | stray report /dev/stdin

Logs are read as they are, with whatever else stands in them: data races that
ThreadSanitizer or go -race found; goroutines as Go prints them, in /debug/pprof
(debug=2, debug=1 or the profile itself), panics, fatal errors and on SIGQUIT;
what goleak, leaktest and go-deadlock say; threads as gdb, pstack and eu-stack
show them. Of a text that only lists tasks the report is an overview; findings
are what the text itself says: a deadlock of everything, goroutines marked as
leaked, tests that left some behind.

Exit status: 0 nothing found, 1 findings, 2 wrong usage, 3 unreadable, 4 nothing
found, but data is incomplete.)";

constexpr int kFindings = 1;
constexpr int kUnreadable = 3;
constexpr int kIncomplete = 4;

class ReportCommand : public Command {
 public:
  const char* Name() const override { return "report"; }
  const char* Description() const override {
    return "Report what dumps, logs of race detectors, and lists of goroutines or threads say";
  }

  void AddOptions(CLI::App& app) override {
    app.footer(absl::StrCat(ReportFormatsText(), "\n", kExamples));
    app.add_option("dump", dumps_, "Dumps, or logs and profiles of others: see below")
        ->required()
        ->type_name("DUMP");
    AddReportOutputOptions(app, output_);
    AddJudgeOptions(app, judge_);
  }

  int Run() override {
    absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    absl::StatusOr<Model> model = LoadFiles(dumps_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    if (absl::Status fits = policy->CheckPrograms(*model); !fits.ok())
      return Fail(UsageStatus(), fits.message());
    AddTimelinesFor(output_.format, *model);
    const absl::Status has_data = CheckHasDataFor(*model, output_.format);
    if (!has_data.ok()) return Fail(kIncomplete, has_data.message());
    absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 1);
    if (!sink.ok()) return Fail(UsageStatus(), sink.status().message());
    Explain(*model);
    const Verdict verdict = Judge(*model, judge_, *policy);
    ReportOptions options;
    options.color = sink->use_color();
    options.read_paths = dumps_;
    absl::Status written = sink->Write(RenderFiles(*model, verdict, output_, *policy, options));
    if (written.ok()) written = TellBesides(*model, verdict, output_);
    if (!written.ok()) return Fail(kUnreadable, written.message());
    if (verdict.failing > 0) return kFindings;
    return verdict.incomplete ? kIncomplete : 0;
  }

 private:
  std::vector<std::string> dumps_;
  OutputSettings output_;
  JudgeSettings judge_;
};

}  // namespace

std::unique_ptr<Command> MakeReportCommand() { return std::make_unique<ReportCommand>(); }

}  // namespace stray::analyzer
