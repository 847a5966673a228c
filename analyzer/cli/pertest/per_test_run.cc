// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/pertest/per_test_run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/cli/run/exit_status.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {
namespace {

constexpr char kSelf[] = "/proc/self/exe";
constexpr size_t kMostOutput = 1 << 20;  // kept of each test
constexpr size_t kShownLines = 60;       // of a test that failed

// What would make all processes write one file, or run a part of the tests each.
bool IsForAll(absl::string_view variable) {
  for (const absl::string_view name : {"GTEST_OUTPUT=", "XML_OUTPUT_FILE=", "GTEST_TOTAL_SHARDS=",
                                       "GTEST_SHARD_INDEX=", "GTEST_SHARD_STATUS_FILE="}) {
    if (absl::StartsWith(variable, name)) return true;
  }
  return false;
}

std::vector<std::string> EnvironmentOfTests() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!IsForAll(*variable)) variables.emplace_back(*variable);
  }
  return variables;
}

size_t NumberIn(const char* variable, size_t otherwise) {
  const char* value = getenv(variable);
  size_t number = 0;
  return value != nullptr && absl::SimpleAtoi(value, &number) ? number : otherwise;
}

// The tests of this shard, as GoogleTest would choose them.
std::vector<TestCase> OfThisShard(std::vector<TestCase> tests, bool* is_shard) {
  const size_t shards = NumberIn("GTEST_TOTAL_SHARDS", 1), index = NumberIn("GTEST_SHARD_INDEX", 0);
  *is_shard = shards > 1;
  if (!*is_shard) return tests;
  std::vector<TestCase> chosen;
  for (size_t i = index; i < tests.size(); i += shards) chosen.push_back(std::move(tests[i]));
  return chosen;
}

// GoogleTest lists them, and does not run them.
bool IsDisabled(const TestCase& test) {
  const std::string all = absl::StrCat("/", test.suite, "/", test.name);
  return absl::StrContains(all, "/DISABLED_");
}

// The end of the file, at most kMostOutput.
std::string ReadEnd(const std::string& path, bool* cut) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.is_open() ? static_cast<std::streamoff>(file.tellg()) : 0;
  *cut = size > static_cast<std::streamoff>(kMostOutput);
  file.seekg(*cut ? size - static_cast<std::streamoff>(kMostOutput) : 0);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string LastLines(const std::string& text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  std::string shown;
  const size_t first = lines.size() > kShownLines ? lines.size() - kShownLines : 0;
  if (first > 0) absl::StrAppend(&shown, "    ... ", Counted(first, "line"), " before\n");
  for (size_t i = first; i < lines.size(); ++i) absl::StrAppend(&shown, "    ", lines[i], "\n");
  return shown;
}

std::string WordFor(const TestOutcome& outcome) {
  if (outcome.HasTimedOut()) return "TIMED OUT";
  if (outcome.HasFailed()) return absl::StrCat("FAILED (exit status ", outcome.result.status, ")");
  if (outcome.result.status == kStatusIncomplete) return "ok, but data is incomplete";
  return outcome.has_findings ? "findings" : "ok";
}

// Whether the report of a test, which is our own, has any.
bool HasFindings(const std::string& path) {
  std::ifstream file(path);
  const nlohmann::json report = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  return report.is_object() && report.contains("findings") && !report["findings"].empty();
}

std::vector<std::string> DumpsIn(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".stray") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::Status NotListedInTime(const PoolJob& job, const std::string& output) {
  const std::string command = absl::StrJoin(job.command, " ");
  std::string message =
      absl::StrCat("--per-test: ", command, " was to list its tests and has not ended within ",
                   DurationText(job.limit->count()), ". What it waits for, says: stray run --timeout 5s -- ",
                   command, ". More time gives it --timeout");
  if (!output.empty())
    absl::StrAppend(&message, ".\nIt has printed:\n", absl::StripSuffix(LastLines(output), "\n"));
  return absl::DeadlineExceededError(message);
}

}  // namespace

bool TestOutcome::HasTimedOut() const { return result.status == kStatusTimeout && has_findings; }

bool TestOutcome::HasFailed() const {
  return result.ran && result.status != 0 && result.status != kStatusIncomplete;
}

// Not where dumps stay: old ones may be there.
std::string PerTestRun::DumpsOf(size_t number) const { return absl::StrCat(folder_, "/", number, ".dumps"); }

absl::Status PerTestRun::ListTests() {
  PoolJob job;
  job.command = plan_.command;
  const std::vector<std::string> arguments = ListingArguments(plan_.framework);
  job.command.insert(job.command.end(), arguments.begin(), arguments.end());
  job.output = absl::StrCat(folder_, "/listing");
  job.environment = EnvironmentOfTests();
  job.is_foreign = true;
  job.limit = plan_.listing_limit;
  PoolResult listed;
  TestPool pool(signals_, 1, [&](size_t, const PoolResult& result) { listed = result; });
  if (const absl::Status run = pool.Run({job}); !run.ok()) return run;
  interrupted_by_ = pool.interrupted_by();
  if (interrupted_by_ != 0) return absl::CancelledError("interrupted");
  bool cut = false;
  const std::string output = ReadEnd(job.output, &cut);
  if (listed.timed_out) return NotListedInTime(job, output);
  // Catch2's status is the number of tests.
  const bool counts = plan_.framework == TestFramework::kCatch2 && listed.status < 128;
  if (listed.status != 0 && !counts) {
    return absl::InvalidArgumentError(absl::StrCat(plan_.command[0], " ", arguments[0], " ended with status ",
                                                   listed.status, " instead of listing tests:\n",
                                                   LastLines(output)));
  }
  std::vector<TestCase> tests = ParseListing(plan_.framework, output);
  const bool runs_disabled = std::find(plan_.command.begin(), plan_.command.end(),
                                       "--gtest_also_run_disabled_tests") != plan_.command.end();
  if (!runs_disabled) tests.erase(std::remove_if(tests.begin(), tests.end(), IsDisabled), tests.end());
  bool is_shard = false;
  for (TestCase& test : OfThisShard(std::move(tests), &is_shard)) {
    outcomes_.emplace_back().test = std::move(test);
  }
  if (!outcomes_.empty() || is_shard) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(plan_.command[0], " lists no tests to run"));
}

PoolJob PerTestRun::JobOf(size_t number) const {
  PoolJob job;
  job.output = absl::StrCat(folder_, "/", number, ".output");
  job.environment = EnvironmentOfTests();
  job.command = {std::filesystem::read_symlink(kSelf).string(), "run"};
  job.command.insert(job.command.end(), plan_.stray_options.begin(), plan_.stray_options.end());
  const std::vector<std::string> own = {
      // Whatever a variable or a file of settings says.
      "--per-test=off",
      // What findings there are the dumps say: this status is the program's.
      "--exit-code=0", "--quiet", "--format=json", absl::StrCat("-o", folder_, "/", number, ".json"),
      absl::StrCat("--output=", DumpsOf(number)), plan_.keep_all ? "--keep=all" : "--keep=findings", "--"};
  job.command.insert(job.command.end(), own.begin(), own.end());
  for (const std::string& argument : plan_.command) {
    if (!IsForAllTests(plan_.framework, argument)) job.command.push_back(argument);
  }
  const std::vector<std::string> chosen = ArgumentsFor(plan_.framework, outcomes_[number].test);
  job.command.insert(job.command.end(), chosen.begin(), chosen.end());
  return job;
}

absl::Status PerTestRun::RunTests() {
  std::vector<PoolJob> jobs;
  for (size_t i = 0; i < outcomes_.size(); ++i) jobs.push_back(JobOf(i));
  TestPool pool(signals_, plan_.at_once,
                [this](size_t number, const PoolResult& result) { OnEnd(number, result); });
  if (const absl::Status run = pool.Run(jobs); !run.ok()) return run;
  interrupted_by_ = pool.interrupted_by();
  for (size_t i = 0; i < outcomes_.size(); ++i) {
    if (const absl::Status read = ReadDumps(i); !read.ok()) return read;
  }
  return absl::OkStatus();
}

void PerTestRun::OnEnd(size_t number, const PoolResult& result) {
  TestOutcome& outcome = outcomes_[number];
  outcome.result = result;
  outcome.has_findings = HasFindings(absl::StrCat(folder_, "/", number, ".json"));
  outcome.output = ReadEnd(absl::StrCat(folder_, "/", number, ".output"), &outcome.cut);
  ++ended_;
  if (plan_.quiet && !outcome.HasFailed()) return;
  const std::string total = absl::StrCat(outcomes_.size());
  std::fputs(absl::StrFormat("stray: [%*d/%s] %s  %s  %.2f s\n", static_cast<int>(total.size()), ended_, total,
                             outcome.test.FullName(), WordFor(outcome), result.seconds)
                 .c_str(),
             stderr);
  if (outcome.HasFailed()) std::fputs(LastLines(outcome.output).c_str(), stderr);
}

absl::Status PerTestRun::ReadDumps(size_t number) {
  const std::vector<std::string> paths = DumpsIn(DumpsOf(number));
  for (const std::string& path : paths) {
    absl::StatusOr<Model> model = LoadFile(path);
    if (!model.ok()) return model.status();
    for (const std::unique_ptr<ProcessModel>& process : model->processes) {
      outcomes_[number].processes.push_back(process.get());
    }
    model_.Append(*std::move(model));
  }
  return plan_.dump_directory.empty() || paths.empty() ? absl::OkStatus() : KeepDumps(number, paths);
}

// In a folder that has the name of the test, as far as a folder can.
absl::Status PerTestRun::KeepDumps(size_t number, const std::vector<std::string>& paths) {
  constexpr size_t kLongestName = 200;
  std::string name = outcomes_[number].test.FullName().substr(0, kLongestName);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '\0'; }, '_');
  if (!kept_folders_.insert(name).second) absl::StrAppend(&name, "-", number);
  const std::filesystem::path folder = std::filesystem::path(plan_.dump_directory) / name;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const std::string& path : paths) {
    if (error) break;
    std::filesystem::copy_file(path, folder / std::filesystem::path(path).filename(),
                               std::filesystem::copy_options::overwrite_existing, error);
  }
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot keep dumps in \"", folder.string(), "\""));
}

void PerTestRun::NameTests() {
  absl::flat_hash_map<const ProcessModel*, std::string> names;
  for (const TestOutcome& outcome : outcomes_) {
    for (const ProcessModel* process : outcome.processes) names[process] = outcome.test.FullName();
  }
  for (const std::unique_ptr<ProcessModel>& process : model_.processes) {
    for (wire::Task& task : process->tasks) {
      if (task.test().empty()) task.set_test(names[process.get()]);
    }
  }
}

std::string SummaryOf(const std::vector<TestOutcome>& outcomes, const std::vector<const Finding*>& failing) {
  size_t passed = 0, failed = 0, found = 0, not_run = 0;
  for (const TestOutcome& outcome : outcomes) {
    const bool has_findings = std::any_of(failing.begin(), failing.end(), [&](const Finding* finding) {
      return std::find(outcome.processes.begin(), outcome.processes.end(), finding->process) !=
             outcome.processes.end();
    });
    ++(!outcome.result.ran ? not_run : outcome.HasFailed() ? failed : has_findings ? found : passed);
  }
  std::string text = absl::StrCat(Counted(outcomes.size(), "test"), ": ", passed, " passed");
  if (failed > 0) absl::StrAppend(&text, ", ", failed, " failed");
  if (found > 0) absl::StrAppend(&text, ", ", found, " with findings");
  if (not_run > 0) absl::StrAppend(&text, ", ", not_run, " not run");
  return text;
}

int PerTestStatus(const std::vector<TestOutcome>& outcomes, bool failing_findings, bool incomplete,
                  int findings_status) {
  const bool has_failed = std::any_of(outcomes.begin(), outcomes.end(),
                                      [](const TestOutcome& outcome) { return outcome.HasFailed(); });
  if (has_failed) return 1;
  if (failing_findings) return findings_status;
  return incomplete ? kStatusIncomplete : 0;
}

}  // namespace stray::analyzer
