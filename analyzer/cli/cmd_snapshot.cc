// SPDX-License-Identifier: Apache-2.0
// cmd_snapshot.cc: `stray snapshot PID`: what all tasks of a running process do at this moment.
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/find_box.h"
#include "analyzer/cli/run/read_box.h"
#include "analyzer/cli/run/snapshot_request.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples =
    R"(The process must have been started under stray; it goes on afterwards.

Examples:
  stray snapshot 4711                   who is blocked, where, on what, and why
  stray snapshot $(pgrep -n my_server)  the newest process of that name
  stray snapshot --prove 4711           and which of them nobody can ever wake
  stray snapshot -o now.stray 4711      keep it as a dump for `stray report`
  stray snapshot --format json 4711     for a program to read

Exit status: 0 nothing found, 1 findings, 2 wrong usage, 3 no snapshot.)";

constexpr int kFindings = 1;
constexpr int kUnreadable = 3;

constexpr std::chrono::seconds kQuick(5), kLongest(90);  // to answer; to read all memory, as well

// Asks process `pid` and reads its answer.
absl::StatusOr<Model> TakeSnapshot(pid_t pid, bool wants_proof) {
  absl::StatusOr<BoxView> box = FindBox(pid);
  if (!box.ok()) return box.status();
  const absl::Status answered =
      RequestSnapshot(*box, box::SnapshotReason::kRequest, wants_proof ? kLongest : kQuick, wants_proof);
  if (!answered.ok()) return answered;
  Model model;
  absl::StatusOr<std::unique_ptr<ProcessModel>> process =
      ReadBox(*box, absl::StrCat("process ", pid), box->IsAlive(), model.damage);
  if (!process.ok()) return process.status();
  model.processes.push_back(*std::move(process));
  model.processes[0]->Index();
  const SnapshotModel* snapshot = model.processes[0]->LastSnapshot();
  if (wants_proof && snapshot != nullptr && snapshot->info.reach().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("process ", pid, " does not note its heap: start it with `stray run --prove`"));
  }
  return model;
}

class SnapshotCommand : public Command {
 public:
  const char* Name() const override { return "snapshot"; }
  const char* Description() const override { return "Show what a running process does at this moment"; }

  void AddOptions(CLI::App& app) override {
    app.footer(kExamples);
    app.add_option("pid", pid_, "The process")->required()->check(CLI::PositiveNumber)->type_name("PID");
    app.add_flag("--prove", prove_, "Prove leaks by what tasks can reach (started with: stray run --prove)");
    AddOutputOptions(app, output_);
    AddJudgeOptions(app, judge_);
    app.get_option("-o")->description("Write a dump to FILE (with --format: the report)");
    format_ = app.get_option("--format");
  }

  int Run() override {
    absl::StatusOr<Suppressions> rules = ReadSuppressions(judge_);
    if (!rules.ok()) return Fail(UsageStatus(), rules.status().message());
    absl::StatusOr<Model> model = TakeSnapshot(pid_, prove_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    Explain(*model);
    const Verdict verdict = Judge(*model, judge_, *rules);
    const bool as_dump = !output_.file.empty() && output_.file != "-" && format_->count() == 0;
    const absl::Status written = as_dump ? WriteDump(*model, output_.file) : Print(*model, verdict, *rules);
    if (!written.ok()) return Fail(kUnreadable, written.message());
    return verdict.failing > 0 ? kFindings : 0;
  }

 private:
  absl::Status Print(const Model& model, const Verdict& verdict, const Suppressions& rules) const {
    absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 1);
    if (!sink.ok()) return sink.status();
    ReportOptions options;
    options.color = sink->use_color();
    return sink->Write(RenderMoment(model, verdict, output_, rules, options));
  }

  pid_t pid_ = 0;
  bool prove_ = false;
  OutputSettings output_;
  JudgeSettings judge_;
  CLI::Option* format_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> MakeSnapshotCommand() { return std::make_unique<SnapshotCommand>(); }

}  // namespace stray::analyzer
