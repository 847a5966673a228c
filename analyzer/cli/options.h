// SPDX-License-Identifier: Apache-2.0
// options.h: kinds of command line options, on top of CLI11, with errors that say what would be right.
//
// CLI11 reports errors by exceptions; they end in main(). Nothing else of stray throws.
#ifndef STRAY_ANALYZER_CLI_OPTIONS_H_
#define STRAY_ANALYZER_CLI_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

// An option whose value is given to `parse`; a failing status is a usage error with its message.
template <typename T>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, const std::string& description,
                       std::function<absl::Status(const T&)> parse) {
  return app.add_option_function<T>(
      name,
      [parse = std::move(parse)](const T& value) {
        const absl::Status status = parse(value);
        if (!status.ok()) throw CLI::ValidationError(std::string(status.message()));
      },
      description);
}

// An option that takes a duration ("400ms").
CLI::Option* AddDuration(CLI::App& app, const std::string& name, std::chrono::nanoseconds& target,
                         const std::string& description);

// Accepts one of `words`, and suggests the nearest for others.
CLI::Validator OneOf(std::vector<std::string> words);

// The words that OneOf() lets `option` be; none: it can be anything.
std::vector<std::string> WordsOf(const CLI::Option& option);

// The long options of `app` ("--format"), for suggestions.
std::vector<std::string> LongOptions(const CLI::App& app);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_OPTIONS_H_
