// SPDX-License-Identifier: Apache-2.0
// cmd_run.cc: `stray run`: a command under the agent, from start to report.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/ignores.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pertest/run_per_test.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_formats.h"
#include "analyzer/cli/run/agent_library.h"
#include "analyzer/cli/run/blind_spots.h"
#include "analyzer/cli/run/launcher.h"
#include "analyzer/cli/run/periodic_watch.h"
#include "analyzer/cli/run/run_settings.h"
#include "analyzer/cli/run/session.h"
#include "analyzer/cli/run/signals.h"
#include "analyzer/cli/run/supervisor.h"
#include "analyzer/cli/run/target_binary.h"
#include "analyzer/cli/run/trace_collector.h"
#include "analyzer/cli/suggest.h"

namespace stray::analyzer {
namespace {

using std::chrono::nanoseconds;

constexpr const char* kExamples = R"(Examples:
  stray run -- ./my_tests --gtest_filter='Cart*'  run tests; exit 66 on findings
  stray run --timeout 30s -- ./my_tests           after 30 s say what hangs
  stray run --fail-on 'deadlock.*' -- ./server    fail on deadlocks only
  stray run --format json -o report.json -- make check
  stray run --output dumps -- ./my_tests          keep dumps for `stray report`
  stray run --baseline my.baseline -- ./my_tests  fail on new findings only
  stray run --per-test -j 4 -- ./my_tests         each test in a process of its own
  stray run --seeds 100 -- ./my_tests             try 100 orders of goroutines
  stray run --watch 30s --prove -- ./my_server    tell leaks when they appear
  stray run --http :6060 -- ./my_server           /debug/pprof/ and /metrics

While it runs, Ctrl-\ prints what every thread does, and Ctrl-C ends it with a
report. A DURATION is 400ms, 2s, 1m, 1h; a number is seconds.

Every option can also be set elsewhere. What comes first counts:
  the command line, stray run --format json
  a variable,       STRAY_FORMAT=json
  STRAY_OPTIONS,    STRAY_OPTIONS="timeout=30s fail-on=proved" (help=1: all)
  .stray.toml in this folder or above,
                    grace = "2s"
                    [run]
                    baseline = "ci/app.baseline"

Exit status: the command's own if nothing was found, or if it failed by itself;
66 findings; 67 nothing found, but data is incomplete; 124 timed out; 125 wrong
usage or stray's own error; 126, 127 the command cannot be run; 128+N signal N.)";

// What the findings may not say: why stray ended the run. Empty if it did not.
std::vector<std::string> WhyEnded(const Ending& ending, const Verdict& verdict) {
  if (ending.end == RunEnd::kHang && verdict.failing == 0) {
    return {
        "it stood still in a deadlock that is known or quarantined: the run was ended, and did not come to "
        "its own end"};
  }
  if (ending.end == RunEnd::kTimeout) return {"the time limit was reached, and the run was ended"};
  if (ending.end != RunEnd::kInterrupted) return {};
  return {absl::StrCat("the run did not follow SIG", sigabbrev_np(ending.signal), " and was ended")};
}

bool IsDeadlock(const Finding& finding) {
  return finding.confidence == Confidence::kProved &&
         (finding.id == "deadlock.all" || finding.id == "deadlock.cycle" || finding.id == "deadlock.self");
}

bool HasSanitizer(const Model& model) {
  return std::any_of(model.processes.begin(), model.processes.end(),
                     [](const auto& process) { return process->process.sanitizer(); });
}

// CLI11 cannot know that a command follows.
class RunHelp : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: stray run [OPTIONS] -- COMMAND [ARGUMENTS...]\n";
  }
};

class RunCommand : public Command {
 public:
  const char* Name() const override { return "run"; }
  const char* Description() const override {
    return "Run a command under the agent and report what it left behind";
  }
  int UsageStatus() const override { return kStatusOwnError; }

  void AddOptions(CLI::App& app) override {
    app_ = &app;
    app.footer(absl::StrCat(ReportFormatsText(), "\n", kExamples));
    app.prefix_command();
    app.formatter(std::make_shared<RunHelp>());
    AddRunOptions(app, settings_);
  }

  bool TakesTarget() const override { return true; }
  void SetTarget(std::vector<std::string> target) override { command_ = std::move(target); }
  int Run() override;

 private:
  absl::Status ReadCommand();
  absl::Status CheckFormat() const;
  // With the order of goroutines `order`, if it is not empty.
  int RunOnce(const std::string& agent, const std::string& order);
  int RunSeeds(const std::string& agent);
  std::string SeedSummary(uint64_t seed, const std::vector<uint64_t>& failed, int status) const;
  int LaunchAndWatch(Session session, Signals signals, const std::string& agent, const std::string& order);
  absl::Status Serve(Serving& serving, const Session& session, pid_t child, const Signals& signals) const;
  SupervisorOptions MakeSupervisorOptions();
  void ReportMoment(Model& model);
  std::vector<Finding> FindFailures(Model& model);
  absl::StatusOr<Verdict> Report(Ending& ending);
  bool ListsTasks() const { return FormatOf(settings_.output.format).lists_tasks; }
  bool IsWorthPrinting(const Verdict& verdict) const;
  absl::Status Print(const Model& model, Verdict& verdict, const ReportOptions& options, bool is_moment);

  RunSettings settings_;
  const CLI::App* app_ = nullptr;
  std::vector<std::string> command_;
  Policy policy_;
  std::optional<ReportSink> sink_;
  std::optional<PeriodicWatch> watch_;  // with --watch
  // Of --seeds: of the last run.
  bool is_last_seed_ = false, used_runtime_ = false, was_interrupted_ = false;
};

absl::Status RunCommand::ReadCommand() {
  // What CLI11 did not know: without "--", the target's command line, which begins at the first such word.
  std::vector<std::string> rest = app_->remaining();
  if (!rest.empty() && absl::StartsWith(rest[0], "-")) {
    const std::string option = rest[0].substr(0, rest[0].find('='));
    return absl::InvalidArgumentError(
        absl::StrCat("there is no option \"", option, "\"", DidYouMean(option, LongOptions(*app_))));
  }
  command_.insert(command_.begin(), rest.begin(), rest.end());
  if (!command_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("run: no command given, as in `stray run -- ./my_tests`");
}

int RunCommand::Run() {
  if (settings_.list_ignores) {
    std::fputs(DefaultIgnoresText().c_str(), stdout);
    return 0;
  }
  const absl::Status command = ReadCommand();
  if (!command.ok()) return Fail(UsageStatus(), command.message());
  absl::StatusOr<Policy> policy = ReadPolicy(settings_.judge);
  if (!policy.ok()) return Fail(UsageStatus(), policy.status().message());
  policy_ = *std::move(policy);
  const absl::Status usable = CheckFormat();
  if (!usable.ok()) return Fail(UsageStatus(), usable.message());
  absl::StatusOr<ReportSink> sink = ReportSink::Open(settings_.output, 2);
  if (!sink.ok()) return Fail(UsageStatus(), sink.status().message());
  sink_.emplace(*std::move(sink));
  if (settings_.watch > nanoseconds::zero()) watch_.emplace(settings_.judge, settings_.output, policy_, *sink_);
  if (!settings_.per_test.empty() && settings_.per_test != "off")
    return RunPerTest(settings_, command_, OptionsForEachTest(*app_), policy_, *sink_);
  absl::StatusOr<std::string> agent = FindAgentLibrary();
  if (!agent.ok()) return Fail(kStatusOwnError, agent.status().message());
  return settings_.seeds == 0 ? RunOnce(*agent, settings_.order) : RunSeeds(*agent);
}

// Whether what this run tells can be told in the format that is asked for.
absl::Status RunCommand::CheckFormat() const {
  if (settings_.watch > nanoseconds::zero()) return CheckWatchFormat(settings_.output);
  if (settings_.trace.empty()) {
    if (absl::Status checked = CheckNeedsNoTrace(settings_.output.format); !checked.ok()) return checked;
  }
  if (!settings_.all_seeds || !FormatOf(settings_.output.format).one_document) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--all-seeds makes several reports, and a file holds only one of --format ", settings_.output.format));
}

int RunCommand::RunOnce(const std::string& agent, const std::string& order) {
  absl::StatusOr<Session> session = Session::Create();
  if (!session.ok()) return Fail(kStatusOwnError, session.status().message());
  absl::StatusOr<Signals> signals = Signals::Take();
  if (!signals.ok()) return Fail(kStatusOwnError, signals.status().message());
  return LaunchAndWatch(*std::move(session), *std::move(signals), agent, order);
}

// The line behind the runs; empty if the reports have said all.
std::string RunCommand::SeedSummary(uint64_t seed, const std::vector<uint64_t>& failed, int status) const {
  const std::string command = absl::StrJoin(command_, " ");
  if (!used_runtime_ && status != kStatusIncomplete && status < kStatusOwnError) {
    return absl::StrCat("stray: ", command_[0],
                        " does not use stray's goroutine runtime: seeds have no effect on it\n");
  }
  if (failed.empty()) return settings_.quiet ? "" : absl::StrCat("stray: ", seed, " seeds, nothing found\n");
  if (!settings_.all_seeds) {
    return absl::StrCat("stray: that was seed ", failed[0], "; again: STRAY_SCHED=seed:", failed[0],
                        " stray run -- ", command, "\n");
  }
  return absl::StrCat("stray: ", failed.size(), " of ", seed, " seeds failed: ", absl::StrJoin(failed, " "),
                      "; again: STRAY_SCHED=seed:", failed[0], " stray run -- ", command, "\n");
}

int RunCommand::RunSeeds(const std::string& agent) {
  std::vector<uint64_t> failed;
  int first_status = 0;
  uint64_t seed = 1;
  for (;; ++seed) {
    is_last_seed_ = seed == settings_.seeds;
    used_runtime_ = false;
    const int status = RunOnce(agent, absl::StrCat("seed:", seed));
    if (status != 0 && first_status == 0) first_status = status;
    if (status != 0) failed.push_back(seed);
    const bool is_over = was_interrupted_ || status == kStatusOwnError || status == kStatusCannotRun ||
                         status == kStatusNotFound || !used_runtime_;
    if (is_last_seed_ || is_over || (status != 0 && !settings_.all_seeds)) break;
    if (isatty(STDERR_FILENO) != 0 && !settings_.quiet)
      std::fprintf(stderr, "\rstray: seed %lu of %lu\033[K\r", seed, settings_.seeds);
  }
  std::fputs(SeedSummary(seed, failed, first_status).c_str(), stderr);
  return first_status;
}

SupervisorOptions RunCommand::MakeSupervisorOptions() {
  SupervisorOptions options;
  options.grace = settings_.grace;
  options.follow = settings_.follow;
  options.keep_all =
      !settings_.dump_directory.empty() || settings_.seeds != 0 || ListsTasks() || !settings_.trace.empty();
  options.watch_period = settings_.watch;
  options.watch_proves = settings_.prove;
  // The run goes on whether or not anybody reads this.
  options.tell_news = [this](Model model) { watch_->Look(std::move(model)).IgnoreError(); };
  options.timeout = EffectiveTimeout(settings_, [](const char* name) -> const char* { return getenv(name); });
  options.is_deadlock = [this](Model& model) {
    // Names cost time and change nothing about whether there is one, except for suppressions and the thread of
    // a sanitizer, which is told by its function.
    if (HasSanitizer(model)) Explain(model);
    const std::vector<Finding> raw = Analyze(model, {.default_ignores = settings_.judge.default_ignores});
    if (std::none_of(raw.begin(), raw.end(), IsDeadlock)) return false;
    Explain(model);
    const std::vector<Finding> findings = Judge(model, settings_.judge, policy_).findings;
    return std::any_of(findings.begin(), findings.end(), [this](const Finding& finding) {
      // A service that still does something is not ended: --watch tells of it.
      if (settings_.watch > nanoseconds::zero() && finding.id != "deadlock.all") return false;
      // One that is known or quarantined hangs all the same, and nobody wants to wait for a time limit.
      return IsDeadlock(finding) && !finding.suppressed && settings_.judge.fail_on.Selects(finding);
    });
  };
  options.find_failures = [this](Model& model) { return FindFailures(model); };
  options.report_moment = [this](Model& model) { ReportMoment(model); };
  return options;
}

// The boxes of all processes of the run, or of `child` alone.
absl::Status RunCommand::Serve(Serving& serving, const Session& session, pid_t child,
                               const Signals& signals) const {
  if (!settings_.quiet) std::fprintf(stderr, "stray: serving at %s\n", serving.Url().c_str());
  const pid_t only = settings_.follow ? 0 : child;
  return serving.RunBeside(
      [&session, only] {
        std::vector<BoxView> boxes;
        for (const std::string& path : session.BoxPaths(only)) {
          if (absl::StatusOr<BoxView> box = BoxView::Open(path); box.ok()) boxes.push_back(*std::move(box));
        }
        return boxes;
      },
      child, signals);
}

int RunCommand::LaunchAndWatch(Session session, Signals signals, const std::string& agent,
                               const std::string& order) {
  const TargetBinary target = InspectTarget(command_[0]);
  std::string heap;
  if ((settings_.prove || !settings_.trace.empty()) && !target.MustNotPreload()) {
    const absl::StatusOr<std::string> found = FindHeapLibrary(agent);
    if (!found.ok()) return Fail(kStatusOwnError, found.status().message());
    heap = *found;
  }
  const LaunchPlan plan{.command = command_,
                        .session = session.path(),
                        .agent = target.MustNotPreload() ? "" : agent,
                        .heap = heap,
                        .agent_options = AgentOptions(settings_),
                        .order = order};
  std::optional<Serving> serving;
  if (settings_.http.address.has_value()) {
    absl::StatusOr<Serving> open = Serving::Open(settings_.http, settings_.judge, policy_);
    if (!open.ok()) return Fail(kStatusOwnError, open.status().message());
    serving.emplace(*std::move(open));
  }
  const absl::StatusOr<Launched> launched = Launch(plan, signals);
  if (!launched.ok()) return Fail(kStatusOwnError, launched.status().message());
  if (const int error = launched->exec_error; error != 0) {
    return Fail(error == ENOENT ? kStatusNotFound : kStatusCannotRun,
                absl::StrCat("cannot run ", command_[0], ": ", std::strerror(error)));
  }
  if (serving.has_value()) {
    const absl::Status begun = Serve(*serving, session, launched->pid, signals);
    if (!begun.ok()) std::fprintf(stderr, "stray: %s\n", std::string(begun.message()).c_str());
  }
  SupervisorOptions supervisor_options = MakeSupervisorOptions();
  std::unique_ptr<TraceCollector> traces;
  if (!settings_.trace.empty()) traces = std::make_unique<TraceCollector>(session, settings_.trace_bytes);
  supervisor_options.traces = traces.get();
  Supervisor supervisor(session, signals, launched->pid, std::move(supervisor_options));
  Ending ending = supervisor.Wait();
  if (traces != nullptr) AddTraces(*traces, settings_.trace_events, ending.model);
  AddTimelinesFor(settings_.output.format, ending.model);
  used_runtime_ = std::any_of(ending.model.processes.begin(), ending.model.processes.end(),
                              [](const auto& process) { return process->process.runtime(); });
  was_interrupted_ = ending.end == RunEnd::kInterrupted;
  MarkBlindSpots(ending.model, launched->pid, target);
  MarkUnwatchedPrograms(ending.model, launched->pid, session.ExecMarks());
  if (ending.end == RunEnd::kByItself) {
    session.Remove();    // all that is needed is in the model
    signals.GiveBack();  // from here on, Ctrl-C may simply end us
  }
  const absl::StatusOr<Verdict> verdict = Report(ending);
  if (ending.end != RunEnd::kByItself) supervisor.EndTarget();
  if (!verdict.ok()) return Fail(kStatusOwnError, verdict.status().message());
  if (absl::Status fits = policy_.CheckPrograms(ending.model); !fits.ok())
    return Fail(kStatusOwnError, fits.message());
  const bool told_failing = watch_.has_value() && watch_->failing() > 0;
  const RunOutcome outcome = {.end = ending.end,
                              .wait_status = ending.wait_status,
                              .signal = ending.signal,
                              .failing_findings = verdict->failing > 0 || told_failing,
                              .incomplete = verdict->incomplete};
  return ExitStatus(outcome, settings_.findings_status);
}

void RunCommand::ReportMoment(Model& model) {
  OutputSettings output;  // as text, whatever the report at the end is
  output.color = settings_.output.color;
  absl::StatusOr<ReportSink> terminal = ReportSink::Open(output, 2);
  if (!terminal.ok()) return;
  Explain(model);
  const Verdict verdict = Judge(model, settings_.judge, policy_);
  ReportOptions options;
  options.color = terminal->use_color();
  // Rules that were not needed yet may still be, so nothing is said about them.
  const std::string text = RenderMoment(model, verdict, output, Policy(), options);
  // The run goes on whether or not anybody reads this.
  terminal->Write(text).IgnoreError();
}

std::vector<Finding> RunCommand::FindFailures(Model& model) {
  for (const auto& process : model.processes) process->Index();
  // Names cost more than all the rest, and can only take findings away.
  if (Analyze(model, {.default_ignores = settings_.judge.default_ignores}).empty()) return {};
  Explain(model);
  std::vector<Finding> findings = Judge(model, settings_.judge, policy_).findings;
  findings.erase(
      std::remove_if(findings.begin(), findings.end(),
                     [this](const Finding& finding) { return !settings_.judge.fail_on.Matches(finding); }),
      findings.end());
  return findings;
}

bool RunCommand::IsWorthPrinting(const Verdict& verdict) const {
  // Of a hundred runs that found nothing, one document is enough, and no text.
  if (settings_.seeds != 0 && verdict.failing == 0 && !verdict.incomplete)
    return is_last_seed_ && settings_.output.format != "text";
  return !settings_.quiet || settings_.output.format != "text" || !verdict.findings.empty() ||
         verdict.incomplete;
}

absl::StatusOr<Verdict> RunCommand::Report(Ending& ending) {
  Model& model = ending.model;
  // A dump must carry all names, since it may be read where the programs are not.
  bool keeps_dumps = !settings_.dump_directory.empty();
  if ((!keeps_dumps || !settings_.keep_all) && !ListsTasks()) {
    ExplainEventful(model);
  } else {
    Explain(model);
  }
  Verdict verdict = Judge(model, settings_.judge, policy_);
  if (keeps_dumps && !settings_.keep_all) {
    keeps_dumps = !verdict.findings.empty() || verdict.incomplete || ending.end != RunEnd::kByItself;
    if (keeps_dumps) Explain(model);
  }
  ReportOptions options;
  options.color = sink_->use_color();
  options.notes = WhyEnded(ending, verdict);
  options.one_line = watch_.has_value();
  if (keeps_dumps) {
    absl::StatusOr<std::vector<std::string>> dumps = WriteDumps(model, settings_.dump_directory);
    if (!dumps.ok()) return dumps.status();
    options.dump_paths = *std::move(dumps);
  }
  if (options.notes.empty() && !IsWorthPrinting(verdict)) return verdict;
  const absl::Status printed = Print(model, verdict, options, ending.end == RunEnd::kInterrupted);
  if (!printed.ok()) return printed;
  return verdict;
}

absl::Status RunCommand::Print(const Model& model, Verdict& verdict, const ReportOptions& options,
                               bool is_moment) {
  if (const absl::Status known = CheckHasDataFor(model, settings_.output.format); !known.ok()) {
    sink_->Discard();
    Fail(0, known.message());
    verdict.incomplete = true;
    return absl::OkStatus();
  }
  const std::string text =
      (is_moment ? RenderMoment : Render)(model, verdict, settings_.output, policy_, options);
  absl::Status written = sink_->Write(text);
  if (written.ok()) written = TellBesides(model, verdict, settings_.output);
  if (!written.ok()) return written;
  if (sink_->IsFile() && !verdict.findings.empty()) {
    std::fprintf(stderr, "stray: %zu finding%s, see %s\n", verdict.findings.size(),
                 verdict.findings.size() == 1 ? "" : "s", settings_.output.file.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

std::unique_ptr<Command> MakeRunCommand() { return std::make_unique<RunCommand>(); }

}  // namespace stray::analyzer
