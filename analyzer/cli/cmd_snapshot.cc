// SPDX-License-Identifier: Apache-2.0
// cmd_snapshot.cc: `stray snapshot PID`: what all tasks of a running process do at this moment, or, with
// --watch, what goes wrong in it from now on.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_formats.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/find_box.h"
#include "analyzer/cli/run/periodic_watch.h"
#include "analyzer/cli/run/sample.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kExamples =
    R"(The process must have been started under stray; it goes on afterwards.

Examples:
  stray snapshot 4711                   who is blocked, where, on what, and why
  stray snapshot $(pgrep -n my_server)  the newest process of that name
  stray snapshot --prove 4711           and which of them nobody can ever wake
  stray snapshot --prove --watch 30s 4711  tell leaks when they appear, to Ctrl-C
  stray snapshot -o now.stray 4711      keep it as a dump for `stray report`
  stray snapshot --format json 4711     for a program to read
  stray snapshot --format goroutine 4711         all tasks, as Go prints them
  stray snapshot --format pprof -o now.pb.gz 4711   for `go tool pprof`

Exit status: 0 nothing found, 1 findings, 2 wrong usage, 3 no snapshot.)";

constexpr int kFindings = 1;
constexpr int kUnreadable = 3;

constexpr std::chrono::milliseconds kAliveInterval(200);  // how often the end of the process is looked for

// Asks the process and reads its answer.
absl::StatusOr<Model> TakeSnapshot(const BoxView& box, bool wants_proof) {
  Model model;
  const absl::Status taken = SampleProcess(box, wants_proof, model);
  if (!taken.ok()) return taken;
  const SnapshotModel* snapshot = model.processes[0]->LastSnapshot();
  if (wants_proof && snapshot != nullptr && snapshot->info.reach().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("process ", box.pid(), " does not note its heap: start it with `stray run --prove`"));
  }
  return model;
}

class SnapshotCommand : public Command {
 public:
  const char* Name() const override { return "snapshot"; }
  const char* Description() const override { return "Show what a running process does at this moment"; }

  void AddOptions(CLI::App& app) override {
    app.footer(absl::StrCat(ReportFormatsText(), "\n", kExamples));
    app.add_option("pid", pid_, "The process")->required()->check(CLI::PositiveNumber)->type_name("PID");
    app.add_flag("--prove", prove_, "Prove leaks by what tasks can reach (started with: stray run --prove)");
    AddWatchOption(app, watch_);
    AddReportOutputOptions(app, output_);
    AddJudgeOptions(app, judge_);
    app.get_option("-o")->description("Write a dump to FILE (with --format or --watch: the report)");
    format_ = app.get_option("--format");
  }

  int Run() override {
    absl::StatusOr<Policy> policy = ReadPolicy(judge_);
    if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
    const bool as_dump = !output_.file.empty() && output_.file != "-" && format_->count() == 0;
    absl::Status usable = CheckOutput(output_, STDOUT_FILENO);
    if (usable.ok()) usable = CheckNeedsNoTrace(output_.format);
    if (usable.ok() && watch_ > watch_.zero()) usable = CheckWatchFormat(output_);
    if (!usable.ok()) return Fail(UsageStatus(), usable.message());
    absl::StatusOr<BoxView> box = FindBox(pid_);
    if (!box.ok()) return Fail(kUnreadable, box.status().message());
    absl::StatusOr<Model> model = TakeSnapshot(*box, prove_);
    if (!model.ok()) return Fail(kUnreadable, model.status().message());
    if (absl::Status fits = policy->CheckPrograms(*model); !fits.ok())
      return Fail(UsageStatus(), fits.message());
    if (watch_ > watch_.zero()) return Watch(*box, *std::move(model), *policy);
    Explain(*model);
    const Verdict verdict = Judge(*model, judge_, *policy);
    const absl::Status written = as_dump ? WriteDump(*model, output_.file) : Print(*model, verdict, *policy);
    if (!written.ok()) return Fail(kUnreadable, written.message());
    return verdict.failing > 0 ? kFindings : 0;
  }

 private:
  absl::Status Print(const Model& model, const Verdict& verdict, const Policy& policy) const {
    absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 1);
    if (!sink.ok()) return sink.status();
    ReportOptions options;
    options.color = sink->use_color();
    const absl::Status written = sink->Write(RenderMoment(model, verdict, output_, policy, options));
    return written.ok() ? TellBesides(model, verdict, output_) : written;
  }

  int Watch(const BoxView& box, Model first, Policy& policy) const;

  pid_t pid_ = 0;
  bool prove_ = false;
  std::chrono::nanoseconds watch_{0};
  OutputSettings output_;
  JudgeSettings judge_;
  CLI::Option* format_ = nullptr;
};

// Until `until`, or something comes.
void WaitFor(const Signals& signals, Clock::time_point until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(std::max(until - Clock::now(), Clock::duration(0)));
  pollfd descriptor = {.fd = signals.descriptor(), .events = POLLIN, .revents = 0};
  poll(&descriptor, 1, static_cast<int>(std::min(left, kAliveInterval).count()));
}

int SnapshotCommand::Watch(const BoxView& box, Model first, Policy& policy) const {
  absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 1);
  if (!sink.ok()) return Fail(UsageStatus(), sink.status().message());
  absl::StatusOr<Signals> signals = Signals::Take();
  if (!signals.ok()) return Fail(kUnreadable, signals.status().message());
  PeriodicWatch watch(judge_, output_, policy, *sink);
  WatchClock clock(watch_, Clock::now());
  absl::Status status = watch.Look(std::move(first));
  while (status.ok() && box.IsAlive() && !signals->IsAskedToEnd()) {
    WaitFor(*signals, clock.next());
    const Clock::time_point begin = Clock::now();
    if (!clock.IsTime(begin)) continue;
    Model model;
    // One that does not answer now may do so later; one that has ended is noticed above.
    if (SampleProcess(box, prove_, model).ok()) status = watch.Look(std::move(model));
    clock.Looked(begin, Clock::now());
  }
  if (!status.ok()) return Fail(kUnreadable, status.message());
  const std::string end = box.IsAlive() ? "" : absl::StrCat(": process ", pid_, " has ended");
  std::fputs(absl::StrCat("stray: ", Counted(watch.looks(), "snapshot"), ", ", Counted(watch.told(), "finding"),
                          end, "\n")
                 .c_str(),
             stderr);
  return watch.failing() > 0 ? kFindings : 0;
}

}  // namespace

std::unique_ptr<Command> MakeSnapshotCommand() { return std::make_unique<SnapshotCommand>(); }

}  // namespace stray::analyzer
