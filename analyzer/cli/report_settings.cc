// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/report_settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/report_formats.h"
#include "analyzer/cli/today.h"
#include "analyzer/report/task_profile.h"

namespace stray::analyzer {
namespace {

bool TerminalWantsColor(int fd) {
  const char* no_color = getenv("NO_COLOR");
  const char* terminal = getenv("TERM");
  const bool dumb = terminal == nullptr || absl::string_view(terminal) == "dumb";
  return isatty(fd) == 1 && (no_color == nullptr || *no_color == '\0') && !dumb;
}

absl::Status CheckOptionsOfFormat(const OutputSettings& settings) {
  const ReportFormat& format = FormatOf(settings.format);
  const auto refuse = [&](absl::string_view option) {
    return absl::InvalidArgumentError(absl::StrCat("--format ", settings.format, " has no ", option));
  };
  if (!settings.profile.empty() && !format.takes_profile) return refuse("--profile");
  if (settings.per_task && !format.takes_profile) return refuse("--per-task");
  if (settings.labels != "on" && !format.lists_tasks) return refuse("--labels");
  return absl::OkStatus();
}

}  // namespace

void AddFindingOptions(CLI::App& app, JudgeSettings& settings) {
  app.add_option("--suppressions", settings.suppressions, "Rules for findings to accept, with reasons")
      ->type_name("FILE");
  app.add_flag_function(
      "--no-default-ignores", [&settings](int64_t count) { settings.default_ignores = count <= 0; },
      "Report threads of well-known libraries, too");
}

void AddRuleOptions(CLI::App& app, JudgeSettings& settings) {
  AddFindingOptions(app, settings);
  app.add_option("--baseline", settings.baseline, "Findings that are known: only others fail")
      ->type_name("FILE");
}

void AddJudgeOptions(CLI::App& app, JudgeSettings& settings) {
  AddParsed<std::string>(app, "--fail-on", "Ids, globs, confidences (default: proved,likely)",
                         [&settings](const std::string& list) -> absl::Status {
                           const std::vector<std::string> words = absl::StrSplit(list, ',', absl::SkipEmpty());
                           absl::StatusOr<FailOn> fail_on = FailOn::Parse(words);
                           if (fail_on.ok()) settings.fail_on = *std::move(fail_on);
                           return fail_on.status();
                         })
      ->join(',')
      ->type_name("LIST");
  AddRuleOptions(app, settings);
}

void AddOutputOptions(CLI::App& app, OutputSettings& settings, const std::vector<std::string>& formats) {
  app.add_option(
         "--format", settings.format,
         absl::StrCat(formats[0], " (default) or ", absl::StrJoin(formats.begin() + 1, formats.end(), ", ")))
      ->check(OneOf(formats))
      ->type_name("FORMAT");
  app.add_option("-o,--report-file", settings.file, "Where to put the report (-: standard output)")
      ->type_name("FILE");
  app.add_option("--color", settings.color, "auto (default: on terminals), always or never")
      ->check(OneOf({"auto", "always", "never"}))
      ->type_name("WHEN");
}

void AddReportOutputOptions(CLI::App& app, OutputSettings& settings) {
  AddOutputOptions(app, settings, ReportFormatWords());
  app.get_option("--format")->description("text (default), json, junit, sarif, pprof, ...: see below");
  app.add_option("--profile", settings.profile,
                 absl::StrCat("Which one: ", absl::StrJoin(ProfileNames(), ", ")))
      ->check(OneOf(ProfileNames()))
      ->type_name("NAME");
  app.add_flag("--per-task", settings.per_task, "In a profile, a sample for each task, with its id and time");
  app.add_option("--labels", settings.labels, "off: of tasks only what Go's oldest parsers read")
      ->check(OneOf({"on", "off"}))
      ->type_name("WHICH");
}

absl::StatusOr<std::string> ReadPolicyFile(absl::string_view what, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.is_open() && !file.bad()) return text;
  return absl::NotFoundError(absl::StrCat(what, ": cannot read \"", path, "\""));
}

absl::StatusOr<Policy> ReadPolicy(const JudgeSettings& settings) {
  Policy policy;
  if (!settings.suppressions.empty()) {
    absl::StatusOr<std::string> text = ReadPolicyFile("suppressions", settings.suppressions);
    if (!text.ok()) return text.status();
    absl::StatusOr<Suppressions> rules = Suppressions::Parse(*text, settings.suppressions, Today());
    if (!rules.ok()) return rules.status();
    policy.rules = *std::move(rules);
  }
  if (!settings.baseline.empty()) {
    absl::StatusOr<std::string> text = ReadPolicyFile("baseline", settings.baseline);
    if (!text.ok()) return text.status();
    absl::StatusOr<Baseline> baseline = Baseline::Parse(*text, settings.baseline);
    if (!baseline.ok()) return baseline.status();
    policy.baseline = *std::move(baseline);
  }
  return policy;
}

absl::Status CheckOutput(const OutputSettings& settings, int standard) {
  if (absl::Status checked = CheckOptionsOfFormat(settings); !checked.ok()) return checked;
  const bool to_file = !settings.file.empty() && settings.file != "-";
  const int fd = settings.file == "-" ? STDOUT_FILENO : standard;
  const bool on_terminal = isatty(fd) == 1;
  const ReportFormat& format = FormatOf(settings.format);
  if (to_file || !(format.binary || format.page) || (fd == STDOUT_FILENO && !on_terminal))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--format ", settings.format, " is ", format.page ? "a page for a browser" : "binary",
      ", and nothing for ", on_terminal ? "a terminal" : "standard error", ": name a file with -o"));
}

absl::StatusOr<ReportSink> ReportSink::Open(const OutputSettings& settings, int standard) {
  if (absl::Status checked = CheckOutput(settings, standard); !checked.ok()) return checked;
  const bool to_file = !settings.file.empty() && settings.file != "-";
  int fd = settings.file == "-" ? STDOUT_FILENO : standard;
  if (to_file) fd = open(settings.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write \"", settings.file, "\""));
  const bool color = settings.color == "always" || (settings.color == "auto" && TerminalWantsColor(fd));
  return ReportSink(fd, to_file, to_file ? settings.file : "the report", color);
}

ReportSink::ReportSink(int fd, bool owned, std::string name, bool color)
    : fd_(fd), owned_(owned), name_(std::move(name)), color_(color) {}

ReportSink::ReportSink(ReportSink&& other) noexcept
    : fd_(other.fd_),
      owned_(std::exchange(other.owned_, false)),
      name_(std::move(other.name_)),
      color_(other.color_) {}

ReportSink::~ReportSink() {
  if (owned_) close(fd_);
}

void ReportSink::Discard() {
  struct stat info;
  if (owned_ && fstat(fd_, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0) unlink(name_.c_str());
}

absl::Status ReportSink::Write(absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", name_));
    text.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
