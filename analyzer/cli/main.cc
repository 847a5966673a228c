// SPDX-License-Identifier: Apache-2.0
// main.cc: the stray command. Parses, adds settings from elsewhere, and hands over to a subcommand.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "analyzer/cli/commands.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/run/exit_status.h"
#include "analyzer/cli/settings.h"
#include "analyzer/cli/suggest.h"

namespace stray::analyzer {
namespace {

constexpr const char* kDescription = "Finds leaked threads, deadlocks, bad lock orders and misused locks.";
constexpr const char* kExamples = R"(Examples:
  stray run -- ./my_tests                run it; fail if it leaves something behind
  stray run --timeout 30s -- ./my_tests  and say what hangs if it takes longer
  stray snapshot 4711                    who is blocked in a process, and why
  stray top 4711                         the same on a terminal, every two seconds
  stray report app.4711.stray            the report of a dump that a run has kept
  stray explain app.4711.stray 1         the evidence for its first finding
  stray confirm app.4711.stray 1         run it so that what --trace foresaw happens
  stray ui app.4711.stray                look around in a browser
  stray diff before.stray after.stray    what is new, gone, more and less
  stray baseline update app.baseline app.4711.stray  fail on others from now on

`stray COMMAND --help` tells more, with examples.)";

// Descriptors 0 to 2 that stray was started without must not become some file of stray's. What is put there
// closes on exec, so that the target lacks them as well.
void ReserveStandardDescriptors() {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= 2) fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd > 2) close(fd);
}

// Settings of the environment; `wants_help`: one of them asks for the list of all.
absl::Status ApplyVariables(const CLI::App& app, CLI::App& subcommand, bool& wants_help) {
  size_t count = 0;
  while (environ[count] != nullptr) ++count;
  for (const std::string& sentence : MistypedVariables(absl::MakeConstSpan(environ, count), app))
    Fail(0, sentence);
  const auto variable = [](const char* name) -> const char* { return getenv(name); };
  const absl::Status single = ApplySettings(SettingsOfVariables(subcommand, variable), app, subcommand);
  if (!single.ok()) return single;
  const char* options = getenv("STRAY_OPTIONS");
  // Under another stray, the variable holds that one's options for its agent.
  if (options == nullptr || getenv("STRAY_SESSION") != nullptr) return absl::OkStatus();
  std::vector<Setting> settings = ParseSettingsVariable(options);
  const auto help = std::find_if(settings.begin(), settings.end(),
                                 [](const Setting& setting) { return setting.name == "help"; });
  wants_help = help != settings.end();
  if (wants_help) return absl::OkStatus();
  return ApplySettings(settings, app, subcommand);
}

absl::Status ApplyFile(const CLI::App& app, CLI::App& subcommand) {
  std::error_code error;
  const std::string file = FindSettingsFile(std::filesystem::current_path(error).string());
  if (file.empty()) return absl::OkStatus();
  absl::StatusOr<std::vector<Setting>> settings = ReadSettingsFile(file);
  return settings.ok() ? ApplySettings(*settings, app, subcommand) : settings.status();
}

// The message of a usage error, with the option or subcommand that was probably meant.
std::string UsageMessage(const CLI::App& app, const CLI::App& subcommand, const CLI::ParseError& error,
                         const std::vector<std::string>& arguments) {
  const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error);
  const bool no_command = &app == &subcommand && (extras != nullptr || error.get_name() == "RequiredError");
  if (no_command && !arguments.empty() && !absl::StartsWith(arguments[0], "-")) {
    std::vector<std::string> names;
    for (const CLI::App* candidate : app.get_subcommands({})) names.push_back(candidate->get_name());
    return absl::StrCat("there is no command \"", arguments[0], "\"", DidYouMean(arguments[0], names));
  }
  if (extras == nullptr) return error.what();
  const std::vector<std::string> options = LongOptions(subcommand);
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    const bool is_unknown = absl::StartsWith(name, "-") && subcommand.get_option_no_throw(name) == nullptr;
    if (is_unknown) return absl::StrCat("there is no option \"", name, "\"", DidYouMean(name, options));
  }
  return error.what();
}

// Returns the exit status, or -1 if parsing went well and the command is to be run.
int Parse(CLI::App& app, std::vector<std::string> arguments,
          const std::vector<std::unique_ptr<Command>>& commands) {
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
    return -1;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    const CLI::App& subcommand = chosen.empty() ? app : *chosen[0];
    int status = 2;
    for (const std::unique_ptr<Command>& command : commands) {
      if (subcommand.get_name() == command->Name()) status = command->UsageStatus();
    }
    Fail(status, UsageMessage(app, subcommand, error, arguments));
    const std::string help = absl::StrCat(subcommand.get_name(), &subcommand == &app ? "" : " ", "--help");
    std::fprintf(stderr, "`stray %s` tells what there is.\n", &subcommand == &app ? "--help" : help.c_str());
    return status;
  }
}

// Cuts the target's command line off `arguments` and hands it to the subcommand it is for.
void SplitTarget(std::vector<std::string>& arguments, const std::vector<std::unique_ptr<Command>>& commands) {
  for (const std::unique_ptr<Command>& command : commands) {
    if (arguments.empty() || arguments[0] != command->Name() || !command->TakesTarget()) continue;
    const auto mark = std::find(arguments.begin(), arguments.end(), "--");
    if (mark == arguments.end()) return;
    command->SetTarget(std::vector<std::string>(mark + 1, arguments.end()));
    arguments.erase(mark, arguments.end());
  }
}

int Main(int argc, char** argv) {
  ReserveStandardDescriptors();
  CLI::App app(kDescription, "stray");
  app.set_version_flag("--version", "stray " STRAY_VERSION);
  app.require_subcommand(1);
  app.footer(kExamples);
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(MakeRunCommand());
  commands.push_back(MakeReportCommand());
  commands.push_back(MakeExplainCommand());
  commands.push_back(MakeConfirmCommand());
  commands.push_back(MakeSnapshotCommand());
  commands.push_back(MakeUiCommand());
  commands.push_back(MakeTopCommand());
  commands.push_back(MakeServeCommand());
  commands.push_back(MakeDiffCommand());
  commands.push_back(MakeBaselineCommand());
  commands.push_back(MakeImportCommand());
  commands.push_back(MakeCatCommand());
  commands.push_back(MakeCompletionCommand());
  for (const std::unique_ptr<Command>& command : commands) {
    command->AddOptions(*app.add_subcommand(command->Name(), command->Description()));
  }
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  SplitTarget(arguments, commands);
  const int status = Parse(app, std::move(arguments), commands);
  if (status >= 0) return status;
  CLI::App& subcommand = *app.get_subcommands()[0];
  for (const std::unique_ptr<Command>& command : commands) {
    if (subcommand.get_name() != command->Name()) continue;
    bool wants_help = false;
    const absl::Status variables = ApplyVariables(app, subcommand, wants_help);
    if (!variables.ok()) return Fail(command->UsageStatus(), variables.message());
    if (wants_help) {
      std::fputs(subcommand.help().c_str(), stdout);
      return 0;
    }
    const absl::Status file = ApplyFile(app, subcommand);
    return file.ok() ? command->Run() : Fail(command->UsageStatus(), file.message());
  }
  return 2;
}

}  // namespace

int Fail(int status, absl::string_view message) {
  std::fprintf(stderr, "stray: %s\n", std::string(message).c_str());
  return status;
}

}  // namespace stray::analyzer

int main(int argc, char** argv) { return stray::analyzer::Main(argc, argv); }
