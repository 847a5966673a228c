// SPDX-License-Identifier: Apache-2.0
// settings.h: options that stand elsewhere than on the command line.
//
//   command line  >  STRAY_FORMAT=json  >  STRAY_OPTIONS ("grace=2s fail-on=proved")  >  .stray.toml
//
// A setting has the name of its long option, without the dashes; as a variable, in capitals and with '_' for
// '-'. In STRAY_OPTIONS settings are separated by spaces or ':', and double quotes keep those together. In the
// file, keys at the top hold for every subcommand that has the option, keys under [run] for `stray run` only;
// paths are relative to the file:
//
//   suppressions = "ci/stray.supp"
//   [run]
//   fail-on = ["proved", "leak.*"]
#ifndef STRAY_ANALYZER_CLI_SETTINGS_H_
#define STRAY_ANALYZER_CLI_SETTINGS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace stray::analyzer {

struct Setting {
  std::string place;       // "STRAY_OPTIONS", "STRAY_FORMAT" or "/src/app/.stray.toml:3", for messages
  std::string subcommand;  // empty: all that have the option
  std::string name;        // "fail-on"
  std::vector<std::string> values;
};

// Reads "name=value name=value" or "name=value:name=value". A name alone means a flag that is set.
std::vector<Setting> ParseSettingsVariable(absl::string_view text);

// The options of `subcommand` that have a variable of their own. An empty one says nothing. `variable` looks up
// the environment. Not STRAY_SCHED: that one is for the program, and hands itself on.
std::vector<Setting> SettingsOfVariables(const CLI::App& subcommand,
                                         const std::function<const char*(const char*)>& variable);

// A sentence for each variable of `environment` ("STRAY_FORMTA=json") that is none of ours, but nearly: a
// mistake, most likely.
std::vector<std::string> MistypedVariables(absl::Span<const char* const> environment, const CLI::App& app);

// The nearest .stray.toml in `folder` or above it, or "". One that another user could have written
// (neither ours nor root's, or writable by all) does not count: settings name files to write.
std::string FindSettingsFile(const std::string& folder);

// kInvalidArgument, with file and line, for what is no TOML.
absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path);

// Gives `subcommand` of `app` the settings whose options have no value yet. kInvalidArgument for a name or
// section that no subcommand knows, with the nearest that one does, or for a bad value.
absl::Status ApplySettings(const std::vector<Setting>& settings, const CLI::App& app, CLI::App& subcommand);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SETTINGS_H_
