// SPDX-License-Identifier: Apache-2.0
// cmd_confirm.cc: `stray confirm`: runs the program again, in the order that makes a prediction come true.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/confirm/confirm_text.h"
#include "analyzer/cli/confirm/occurrence.h"
#include "analyzer/cli/confirm/replay.h"
#include "analyzer/cli/finding_choice.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/report_settings.h"
#include "analyzer/cli/run/agent_library.h"
#include "analyzer/cli/run/exit_status.h"
#include "analyzer/cli/run/target_binary.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

constexpr const char* kExamples =
    R"(The program must use stray's goroutine runtime: it is run with one processor, and
its goroutines take turns as the prediction says (STRAY_SCHED=steer:FILE). It has
the arguments and the folder that the dump tells, and the environment of now.

FINDING is a race.predicted or deadlock.predicted, named as for `stray explain`:
a number of the report, an id that only one finding has, a signature.

Examples:
  stray run --trace --output dumps -- ./app         predict
  stray confirm dumps/app.4711.stray 1              and see whether it happens
  stray confirm app.4711.stray race.predicted -- ./app --verbose
  stray confirm --tries 500 app.4711.stray 2        if it depends on more

Exit status: 66 it happened; 68 it did not; 125 wrong usage, no such finding or
unreadable; 126, 127 the program cannot be run; 128+N ended by signal N.)";

constexpr uint64_t kDefaultTries = 20;
constexpr int kSteeredSeeds = 3;  // of what a schedule leaves open: select, and what comes behind it

class ConfirmHelp : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: stray confirm [OPTIONS] DUMP FINDING [-- COMMAND [ARGUMENTS...]]\n";
  }
};

class ConfirmCommand : public Command {
 public:
  const char* Name() const override { return "confirm"; }
  const char* Description() const override { return "Run a program again so that what was predicted happens"; }
  int UsageStatus() const override { return kStatusOwnError; }

  void AddOptions(CLI::App& app) override;
  bool TakesTarget() const override { return true; }
  void SetTarget(std::vector<std::string> target) override { plan_.command = std::move(target); }
  int Run() override;

 private:
  absl::Status Load();
  absl::Status ChooseCommand();
  absl::Status KeepSchedule(const SteeringPlan& steering, uint64_t seed);
  absl::Status ReadyToKeep();
  void NamePlaces(const SteeringPlan& steering);
  int Confirm();
  static std::string OrderOf(uint64_t number);
  std::string TriesText(uint64_t tried) const;
  std::optional<int> Steer(bool is_reversed, uint64_t seed);
  std::optional<int> Try(const std::string& order);
  // The status that ends it all, if there is one.
  std::optional<int> RunOnce(const std::string& order);
  ReplaySight Look(Model& model);
  int Confirmed(const std::string& order, const std::string& how);
  int NotConfirmed(const std::string& why);
  std::string Title() const;

  std::string dump_, name_, schedule_file_;
  JudgeSettings judge_;
  OutputSettings output_;
  uint64_t tries_ = kDefaultTries;
  const CLI::Option* tries_option_ = nullptr;
  int confirmed_status_ = kStatusFindings;

  Model recorded_;
  ProcessModel* process_ = nullptr;  // of recorded_, whose trace it is
  std::string finding_id_;
  size_t finding_number_ = 0;
  std::optional<Occurrence> wanted_;
  std::optional<FoundWitness> witness_;
  ReplayPlan plan_;
  std::string agent_, heap_;
  Replay last_;
  std::string happened_;  // the finding of the replay, as text
  bool used_runtime_ = false;
  std::string first_shortfall_;
};

void ConfirmCommand::AddOptions(CLI::App& app) {
  app.footer(kExamples);
  app.formatter(std::make_shared<ConfirmHelp>());
  app.add_option("dump", dump_, "A dump of `stray run --trace --output DIR`")->required()->type_name("DUMP");
  app.add_option("finding", name_, "Which of its findings")->required()->type_name("FINDING");
  tries_option_ =
      app.add_option("--tries", tries_, "How many other orders to try if that one does not do it (default: 20)")
          ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 32).description(""))
          ->type_name("N");
  app.add_option("--schedule", schedule_file_, "Where to keep the order that did it (default: beside the dump)")
      ->type_name("FILE");
  plan_.settings.timeout = std::chrono::seconds(30);
  AddDuration(app, "--timeout", plan_.settings.timeout,
              "How long each run may take (default: 30s; 0: as it likes)");
  AddDuration(app, "--grace", plan_.settings.grace, "How long a hang must last to be one (default: 1s)");
  AddDuration(app, "--settle", plan_.settings.settle, "What tasks get to end after main (default: 400ms)");
  app.add_option("--exit-code", confirmed_status_, "Exit status if it happened (default: 66)")
      ->check(CLI::Range(0, 255).description(""))
      ->type_name("N");
  app.add_option("-o,--report-file", output_.file, "Where to put the report (-: standard output)")
      ->type_name("FILE");
  AddRuleOptions(app, judge_);
}

// The finding, and the order that leads to it.
absl::Status ConfirmCommand::Load() {
  absl::StatusOr<Policy> policy = ReadPolicy(judge_);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<Model> model = LoadFiles({dump_});
  if (!model.ok()) return model.status();
  recorded_ = *std::move(model);
  Explain(recorded_);
  const Verdict verdict = Judge(recorded_, judge_, *policy);
  const absl::StatusOr<NumberedFinding> chosen = ChooseFinding(verdict.findings, name_);
  if (!chosen.ok()) return chosen.status();
  const Finding& finding = *chosen->finding;
  finding_id_ = finding.id;
  finding_number_ = chosen->number;
  if (finding.id != "race.predicted" && finding.id != "deadlock.predicted") {
    return absl::InvalidArgumentError(absl::StrCat(
        finding.id, " was seen to happen: only race.predicted and deadlock.predicted can be confirmed"));
  }
  for (const auto& process : recorded_.processes) {
    if (process.get() == finding.process) process_ = process.get();
  }
  wanted_.emplace(finding);
  absl::StatusOr<FoundWitness> witness = FindWitness(*process_, *finding.reported->shown);
  if (!witness.ok())
    return absl::Status(witness.status().code(), absl::StrCat(dump_, ": ", witness.status().message()));
  witness_.emplace(*std::move(witness));
  return absl::OkStatus();
}

// As the dump has it, unless it was said.
absl::Status ConfirmCommand::ChooseCommand() {
  const bool is_said = !plan_.command.empty();
  if (!is_said) {
    const wire::Process& was = process_->process;
    plan_.command.assign(was.arguments().begin(), was.arguments().end());
    plan_.directory = was.working_directory();
    if (plan_.command.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(dump_, " does not say how the program was started: add it, as in `stray confirm ", dump_,
                       " ", name_, " -- ./app`"));
    }
    std::error_code error;
    if (!std::filesystem::is_directory(plan_.directory, error)) {
      return absl::NotFoundError(absl::StrCat("the program ran in ", plan_.directory,
                                              ", which is not there: give its command line after --"));
    }
    // It may have been found otherwise than by the first word.
    std::filesystem::path first = plan_.command[0];
    if (absl::StrContains(plan_.command[0], '/'))
      first = plan_.directory / first;
    else
      first = InspectTarget(plan_.command[0]).path;
    if (!std::filesystem::equivalent(first, was.program(), error) || error) plan_.command[0] = was.program();
    if (access(plan_.command[0].c_str(), F_OK) != 0 && !std::filesystem::exists(first, error)) {
      return absl::NotFoundError(absl::StrCat("the program ", was.program(),
                                              " is not there any more: give its command line after --"));
    }
  }
  return absl::OkStatus();
}

// Where the schedule will be kept can be written.
absl::Status ConfirmCommand::ReadyToKeep() {
  if (schedule_file_.empty()) {
    absl::string_view base = dump_;
    if (absl::EndsWith(base, ".stray")) base.remove_suffix(6);
    schedule_file_ = absl::StrCat(base, ".", finding_number_ != 0 ? absl::StrCat(finding_number_) : finding_id_,
                                  ".schedule");
  }
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(schedule_file_, error);
  if (!error) schedule_file_ = whole.lexically_normal().string();
  const bool is_there = access(schedule_file_.c_str(), F_OK) == 0;
  std::ofstream file(schedule_file_, std::ios::app);
  if (!file.is_open())
    return absl::InvalidArgumentError(
        absl::StrCat(schedule_file_, ": ", std::strerror(errno), " (--schedule says where else to keep it)"));
  if (!is_there) unlink(schedule_file_.c_str());
  return absl::OkStatus();
}

absl::Status ConfirmCommand::KeepSchedule(const SteeringPlan& steering, uint64_t seed) {
  std::ofstream file(schedule_file_, std::ios::binary);
  file << steering.Text("", seed);
  file.close();
  return file.good() ? absl::OkStatus()
                     : absl::UnavailableError(absl::StrCat(schedule_file_, ": cannot be written"));
}

int ConfirmCommand::Run() {
  if (const absl::Status loaded = Load(); !loaded.ok()) return Fail(UsageStatus(), loaded.message());
  if (const absl::Status output = CheckOutput(output_, 2); !output.ok())
    return Fail(UsageStatus(), output.message());
  const SteeringPlan plan = PlanSteering(*witness_, false);
  if (!plan.threads.empty()) {
    const size_t count = plan.threads.size();
    return NotConfirmed(absl::StrCat(
        TaskList(*process_, plan.threads), count == 1 ? " is a thread" : " are threads",
        " of the program's own, which stray does not schedule: STRAY_SCHED steers goroutines of its "
        "runtime only. Nothing was run."));
  }
  if (const absl::Status command = ChooseCommand(); !command.ok()) {
    return Fail(absl::IsNotFound(command) ? kStatusNotFound : UsageStatus(), command.message());
  }
  if (const absl::Status ready = ReadyToKeep(); !ready.ok()) return Fail(UsageStatus(), ready.message());
  const absl::StatusOr<std::string> agent = FindAgentLibrary();
  if (!agent.ok()) return Fail(kStatusOwnError, agent.status().message());
  agent_ = *agent;
  const absl::StatusOr<std::string> heap = FindHeapLibrary(agent_);
  if (!heap.ok()) return Fail(kStatusOwnError, heap.status().message());
  heap_ = *heap;
  plan_.settings.trace = "wait";
  plan_.looks_while_it_runs = wanted_->IsDeadlock();
  plan_.look = [this](Model& model) { return Look(model); };
  return Confirm();
}

int ConfirmCommand::Confirm() {
  for (uint64_t seed = 1; seed <= kSteeredSeeds; ++seed) {
    for (const bool is_reversed : {false, true}) {
      if (is_reversed && wanted_->IsDeadlock()) continue;  // all of them wait, whoever comes first
      if (const std::optional<int> status = Steer(is_reversed, seed); status.has_value()) return *status;
    }
    if (last_.end == RunEnd::kTimeout) break;
  }
  uint64_t tried = 0;
  while (tried < tries_) {
    ++tried;
    if (const std::optional<int> status = Try(OrderOf(tried)); status.has_value()) return *status;
    // All the others are likely to take as long. Who has said how many wants them.
    if (last_.end == RunEnd::kTimeout && tries_option_->empty()) break;
  }
  const bool lacks_events = witness_->recorded.lost_events != 0;
  return NotConfirmed(absl::StrCat(
      first_shortfall_, TriesText(tried),
      lacks_events
          ? " The trace lacks events, perhaps such that goroutines are steered by; --trace without =drop "
            "keeps them."
          : ""));
}

// By turns: the one finds what needs few things in order, the other what needs many.
std::string ConfirmCommand::OrderOf(uint64_t number) {
  return number % 2 == 1 ? absl::StrCat("pct:", (number + 1) / 2, ",3") : absl::StrCat("seed:", number / 2);
}

std::string ConfirmCommand::TriesText(uint64_t tried) const {
  if (tried == 0) return "";
  const std::string list = tried == 1   ? OrderOf(1)
                           : tried == 2 ? absl::StrCat(OrderOf(1), " and ", OrderOf(2))
                                        : absl::StrCat(OrderOf(1), ", ", OrderOf(2), " to ", OrderOf(tried));
  const bool is_cut = tried < tries_;
  return absl::StrCat(" Neither did it happen in ", Counted(tried, "other order"), " (", list, ")",
                      is_cut ? ", the last of which took longer than --timeout allows." : ".");
}

// So that it can be said where goroutines should have come.
void ConfirmCommand::NamePlaces(const SteeringPlan& steering) {
  wire::Stack all;
  for (const wire::Stack& stack : process_->stacks) all.set_id(std::max(all.id(), stack.id()));
  all.set_id(all.id() + 1);
  for (const SteeringPlan::Turn& turn : steering.turns) {
    if (turn.place != 0) all.add_addresses(turn.place);
  }
  process_->stacks.push_back(std::move(all));
  Explain(recorded_);
}

std::optional<int> ConfirmCommand::Steer(bool is_reversed, uint64_t seed) {
  const SteeringPlan steering = PlanSteering(*witness_, is_reversed);
  plan_.schedule = [&](const std::string& outcome) { return steering.Text(outcome, seed); };
  const std::optional<int> status = RunOnce("");
  plan_.schedule = nullptr;
  if (status.has_value()) return status;
  if (last_.has_happened) {
    if (const absl::Status kept = KeepSchedule(steering, seed); !kept.ok())
      return Fail(kStatusOwnError, kept.message());
    const bool is_exact = last_.outcome.given_up == 0;
    return Confirmed(
        absl::StrCat("steer:", schedule_file_),
        absl::StrCat("a run that ",
                     is_exact ? "kept to the predicted order" : "was steered towards the predicted order", ", ",
                     steering.turns.size(), steering.turns.size() == 1 ? " step of " : " steps of ",
                     Counted(steering.names.size(), "goroutine")));
  }
  if (first_shortfall_.empty()) {
    NamePlaces(steering);
    first_shortfall_ = WhyNotReached(last_, steering, *process_, wanted_->IsDeadlock());
  }
  if (!used_runtime_) {
    return NotConfirmed(
        "The program did not use stray's goroutine runtime this time, so that nothing decides its order.");
  }
  return std::nullopt;
}

std::optional<int> ConfirmCommand::Try(const std::string& order) {
  const std::optional<int> status = RunOnce(order);
  if (status.has_value() || !last_.has_happened) return status;
  return Confirmed(order,
                   absl::StrCat("a run in the order ", order, ", where steering alone had not got there"));
}

std::optional<int> ConfirmCommand::RunOnce(const std::string& order) {
  plan_.order = order;
  absl::StatusOr<Replay> replay = RunReplay(plan_, agent_, heap_);
  if (!replay.ok()) return Fail(kStatusOwnError, replay.status().message());
  last_ = *std::move(replay);
  if (const int error = last_.exec_error; error != 0) {
    return Fail(error == ENOENT ? kStatusNotFound : kStatusCannotRun,
                absl::StrCat("cannot run ", plan_.command[0], ": ", std::strerror(error)));
  }
  used_runtime_ |= last_.used_runtime;
  if (last_.has_happened || last_.signal == 0) return std::nullopt;
  Fail(0, "stopped before it was known");
  return 128 + last_.signal;
}

ReplaySight ConfirmCommand::Look(Model& model) {
  Explain(model);
  const std::vector<Finding> findings = Analyze(model);
  ReplaySight sight;
  const Finding* finding = wanted_->FindIn(findings);
  sight.has_happened = finding != nullptr;
  sight.is_deadlocked = std::any_of(findings.begin(), findings.end(), [](const Finding& one) {
    return one.confidence == Confidence::kProved && absl::StartsWith(one.id, "deadlock.") &&
           one.id != "deadlock.predicted";
  });
  if (finding == nullptr) return sight;
  ReportOptions options;
  options.color = false;
  happened_ = FindingReport(*finding, options);
  return sight;
}

std::string ConfirmCommand::Title() const {
  return finding_number_ == 0 ? finding_id_ : absl::StrCat("finding ", finding_number_, ", ", finding_id_, ",");
}

int ConfirmCommand::Confirmed(const std::string& order, const std::string& how) {
  absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 2);
  if (!sink.ok()) return Fail(kStatusOwnError, sink.status().message());
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  Page page(ReportOptions().width, sink->use_color());
  page.Paragraph(0, {"stray: "}, absl::StrCat(Title(), " is confirmed: it happened in ", how, "."),
                 Tone::kStrong);
  page.Blank();
  std::string text = page.Take() + happened_;
  absl::StrAppend(&text, "\nstray: to see it again:\n       ",
                  CommandLine(plan_, order, !wanted_->IsDeadlock(), here), "\n");
  const absl::Status written = sink->Write(text);
  return written.ok() ? confirmed_status_ : Fail(kStatusOwnError, written.message());
}

int ConfirmCommand::NotConfirmed(const std::string& why) {
  absl::StatusOr<ReportSink> sink = ReportSink::Open(output_, 2);
  if (!sink.ok()) return Fail(kStatusOwnError, sink.status().message());
  Page page(ReportOptions().width, sink->use_color());
  page.Paragraph(0, {"stray: "}, absl::StrCat(Title(), " is not confirmed. ", why));
  const absl::Status written = sink->Write(page.Take());
  return written.ok() ? kStatusNotConfirmed : Fail(kStatusOwnError, written.message());
}

}  // namespace

std::unique_ptr<Command> MakeConfirmCommand() { return std::make_unique<ConfirmCommand>(); }

}  // namespace stray::analyzer
