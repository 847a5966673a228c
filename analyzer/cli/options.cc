// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/options.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/cli/duration.h"
#include "analyzer/cli/suggest.h"

namespace stray::analyzer {
namespace {

// Begins the name of a validator, which has the words.
constexpr absl::string_view kOneOf = "one of: ";

}  // namespace

CLI::Option* AddDuration(CLI::App& app, const std::string& name, std::chrono::nanoseconds& target,
                         const std::string& description) {
  return AddParsed<std::string>(app, name, description,
                                [name, &target](const std::string& text) -> absl::Status {
                                  absl::StatusOr<std::chrono::nanoseconds> duration = ParseDuration(text);
                                  if (duration.ok()) {
                                    target = *duration;
                                    return absl::OkStatus();
                                  }
                                  return absl::InvalidArgumentError(
                                      absl::StrCat(name, ": ", std::string(duration.status().message())));
                                })
      ->type_name("DURATION");
}

CLI::Validator OneOf(std::vector<std::string> words) {
  CLI::Validator validator(
      [words](std::string& word) -> std::string {
        if (std::find(words.begin(), words.end(), word) != words.end()) return "";
        return absl::StrCat("\"", word, "\" is none of ", absl::StrJoin(words, ", "), DidYouMean(word, words));
      },
      "");
  return validator.name(absl::StrCat(kOneOf, absl::StrJoin(words, " ")));
}

std::vector<std::string> WordsOf(const CLI::Option& option) {
  absl::string_view name;
  try {
    // CLI11 reads it only, but has no const access.
    name = const_cast<CLI::Option&>(option).get_validator()->get_name();
  } catch (const CLI::OptionNotFound&) {
    return {};
  }
  if (!absl::ConsumePrefix(&name, kOneOf)) return {};
  return absl::StrSplit(name, ' ');
}

std::vector<std::string> LongOptions(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace stray::analyzer
