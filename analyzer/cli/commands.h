// SPDX-License-Identifier: Apache-2.0
// commands.h: the subcommands of stray. Each lives in its cmd_*.cc.
#ifndef STRAY_ANALYZER_CLI_COMMANDS_H_
#define STRAY_ANALYZER_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

class Command {
 public:
  virtual ~Command() = default;

  virtual const char* Name() const = 0;
  virtual const char* Description() const = 0;

  // Adds options and examples to `app`, the subcommand. Values go into this object.
  virtual void AddOptions(CLI::App& app) = 0;

  // True for a subcommand that takes another program's command line behind "--". It gets that line, which no
  // option parser has seen, before Run(); empty if there was no "--".
  virtual bool TakesTarget() const { return false; }
  virtual void SetTarget(std::vector<std::string>) {}

  // Runs with the values that were parsed; returns the exit status.
  virtual int Run() = 0;

  // Exit status for a wrong command line.
  virtual int UsageStatus() const { return 2; }
};

std::unique_ptr<Command> MakeRunCommand();
std::unique_ptr<Command> MakeReportCommand();
std::unique_ptr<Command> MakeExplainCommand();
std::unique_ptr<Command> MakeConfirmCommand();
std::unique_ptr<Command> MakeSnapshotCommand();
std::unique_ptr<Command> MakeServeCommand();
std::unique_ptr<Command> MakeTopCommand();
std::unique_ptr<Command> MakeCatCommand();
std::unique_ptr<Command> MakeImportCommand();
std::unique_ptr<Command> MakeCompletionCommand();
std::unique_ptr<Command> MakeBaselineCommand();
std::unique_ptr<Command> MakeDiffCommand();
std::unique_ptr<Command> MakeUiCommand();

// Prints "stray: MESSAGE" on stderr and returns `status`.
int Fail(int status, absl::string_view message);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_COMMANDS_H_
