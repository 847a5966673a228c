// SPDX-License-Identifier: Apache-2.0
// settings.h: options that stand elsewhere than on the command line.
//
//   command line  >  STRAY_OPTIONS ("grace=2s fail-on=proved", also separated by ':')  >  .stray.toml
//
// A setting has the name of its long option, without the dashes. In the file, keys at the top hold for every
// subcommand that has the option, keys under [run] for `stray run` only; paths are relative to the file:
//
//   suppressions = "ci/stray.supp"
//   [run]
//   fail-on = ["proved", "leak.*"]
#ifndef STRAY_ANALYZER_CLI_SETTINGS_H_
#define STRAY_ANALYZER_CLI_SETTINGS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

struct Setting {
  std::string place;       // "STRAY_OPTIONS" or "/src/app/.stray.toml", for messages
  std::string subcommand;  // empty: all that have the option
  std::string name;        // "fail-on"
  std::vector<std::string> values;
};

// Reads "name=value name=value" or "name=value:name=value". A name alone means a flag that is set.
std::vector<Setting> ParseSettingsVariable(absl::string_view text);

// The nearest .stray.toml in `folder` or above it, or "". One that another user could have written
// (neither ours nor root's, or writable by all) does not count: settings name files to write.
std::string FindSettingsFile(const std::string& folder);

absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path);

// Gives `subcommand` of `app` the settings whose options have no value yet. kInvalidArgument for a name that
// no subcommand knows, with the nearest that one does, or for a bad value.
absl::Status ApplySettings(const std::vector<Setting>& settings, const CLI::App& app, CLI::App& subcommand);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SETTINGS_H_
