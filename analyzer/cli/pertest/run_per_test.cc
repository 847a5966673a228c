// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pertest/run_per_test.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/pertest/per_test_junit.h"
#include "analyzer/cli/pertest/per_test_run.h"
#include "analyzer/cli/pipeline.h"
#include "analyzer/cli/run/target_binary.h"

namespace stray::analyzer {
namespace {

// Of the whole run, or set for each test.
constexpr absl::string_view kOfTheWhole[] = {"--per-test", "--jobs",  "--format", "--report-file", "--output",
                                             "--keep",     "--quiet", "--color",  "--exit-code",   "--help"};

absl::StatusOr<TestFramework> ChooseFramework(const std::string& word, const std::string& command) {
  if (const std::optional<TestFramework> said = FrameworkOfWord(word); said.has_value()) return *said;
  const TargetBinary binary = InspectTarget(command);
  const bool is_there = !binary.path.empty() && access(binary.path.c_str(), X_OK) == 0;
  const std::optional<TestFramework> found = is_there ? FrameworkOf(binary.path) : std::nullopt;
  if (found.has_value()) return *found;
  if (!is_there) return absl::NotFoundError(absl::StrCat("cannot run ", command, ": not found"));
  return absl::InvalidArgumentError(absl::StrCat(
      "--per-test: ", command,
      " does not look like a test binary of GoogleTest, Catch2 or doctest; if it is one, say which: "
      "--per-test=gtest"));
}

std::vector<const Finding*> FailingOf(const std::vector<Finding>& findings, const FailOn& fail_on) {
  std::vector<const Finding*> failing;
  for (const Finding& finding : findings) {
    if (fail_on.Matches(finding)) failing.push_back(&finding);
  }
  return failing;
}

}  // namespace

std::vector<std::string> OptionsForEachTest(const CLI::App& app) {
  std::vector<std::string> options;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool is_whole =
        std::find(std::begin(kOfTheWhole), std::end(kOfTheWhole), name) != std::end(kOfTheWhole);
    if (option->count() == 0 || is_whole || name.empty() || name[0] != '-') continue;
    if (option->get_items_expected_max() == 0) {
      options.push_back(name);
      continue;
    }
    for (const std::string& value : option->results()) options.push_back(absl::StrCat(name, "=", value));
  }
  return options;
}

int RunPerTest(const RunSettings& settings, const std::vector<std::string>& command,
               std::vector<std::string> options, Policy& policy, ReportSink& sink) {
  const absl::StatusOr<TestFramework> framework = ChooseFramework(settings.per_test, command[0]);
  if (!framework.ok()) {
    const bool is_missing = absl::IsNotFound(framework.status());
    return Fail(is_missing ? kStatusNotFound : kStatusOwnError, framework.status().message());
  }
  std::error_code error;
  std::string folder =
      absl::StrCat(std::filesystem::temp_directory_path(error).string(), "/stray-tests-XXXXXX");
  if (error || mkdtemp(folder.data()) == nullptr) {
    return Fail(kStatusOwnError, absl::StrCat("no directory for temporary files: ", std::strerror(errno)));
  }
  const absl::Cleanup cleanup = [&] { std::filesystem::remove_all(folder, error); };
  absl::StatusOr<Signals> signals = Signals::Take();
  if (!signals.ok()) return Fail(kStatusOwnError, signals.status().message());
  PerTestPlan plan;
  plan.command = command;
  plan.stray_options = std::move(options);
  plan.framework = *framework;
  plan.at_once = settings.jobs != 0 ? settings.jobs : std::max(1u, std::thread::hardware_concurrency());
  plan.quiet = settings.quiet;
  plan.dump_directory = settings.dump_directory;
  plan.listing_limit = ListingLimit(settings, [](const char* name) -> const char* { return getenv(name); });
  const bool is_junit = settings.output.format == "junit", is_text = settings.output.format == "text";
  // Text, and JUnit, can say of a test that it was clean without its dump.
  plan.keep_all = (!is_text && !is_junit) || (!settings.dump_directory.empty() && settings.keep_all);
  PerTestRun run(std::move(plan), folder, *signals);
  absl::Status status = run.ListTests();
  if (status.ok()) status = run.RunTests();
  if (run.interrupted_by() != 0 && run.outcomes().empty()) return 128 + run.interrupted_by();
  if (!status.ok() && run.interrupted_by() == 0) return Fail(kStatusOwnError, status.message());

  Verdict verdict = Judge(run.model(), settings.judge, policy);
  // Nothing to tell of any test: there is no dump then.
  verdict.incomplete = verdict.incomplete && !run.model().processes.empty();
  const std::vector<const Finding*> failing = FailingOf(verdict.findings, settings.judge.fail_on);
  run.NameTests();
  ReportOptions report;
  report.color = sink.use_color();
  const bool is_worth_it = !is_text || !verdict.findings.empty() || verdict.incomplete;
  const std::string program = std::filesystem::path(command[0]).filename().string();
  const std::string text = is_junit ? PerTestJunit(program, run.outcomes(), verdict.findings, failing, report)
                           : is_worth_it ? Render(run.model(), verdict, settings.output, policy, report)
                                         : "";
  if (const absl::Status written = sink.Write(text); !written.ok())
    return Fail(kStatusOwnError, written.message());
  if (!run.model().processes.empty()) {
    if (const absl::Status fits = policy.CheckPrograms(run.model()); !fits.ok())
      return Fail(kStatusOwnError, fits.message());
  }
  const std::string summary = SummaryOf(run.outcomes(), failing);
  if (!settings.quiet || !failing.empty()) std::fprintf(stderr, "stray: %s\n", summary.c_str());
  if (run.interrupted_by() != 0) return 128 + run.interrupted_by();
  return PerTestStatus(run.outcomes(), !failing.empty(), verdict.incomplete, settings.findings_status);
}

}  // namespace stray::analyzer
