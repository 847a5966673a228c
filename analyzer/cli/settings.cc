// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/suggest.h"

namespace stray::analyzer {
namespace {

constexpr const char* kFileName = ".stray.toml";
constexpr const char* kVariable = "STRAY_OPTIONS";

bool IsTrustworthy(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  return (info.st_uid == geteuid() || info.st_uid == 0) && (info.st_mode & S_IWOTH) == 0;
}

bool NamesFile(const std::string& setting) { return setting == "suppressions" || setting == "output"; }

// Where a new "name=" begins behind a ':' in `text`, or npos. A ':' in a value, as in a path, begins none.
size_t NextSetting(absl::string_view text) {
  for (size_t colon = text.find(':'); colon != absl::string_view::npos; colon = text.find(':', colon + 1)) {
    size_t end = colon + 1;
    while (end < text.size() &&
           (absl::ascii_isalpha(static_cast<unsigned char>(text[end])) || text[end] == '-'))
      ++end;
    const bool is_name = end > colon + 1 && (end == text.size() || text[end] == '=' || text[end] == ':');
    if (is_name) return colon;
  }
  return absl::string_view::npos;
}

void AddSetting(absl::string_view word, std::vector<Setting>& settings) {
  const size_t equals = word.find('=');
  Setting setting{
      .place = kVariable, .subcommand = "", .name = std::string(word.substr(0, equals)), .values = {}};
  if (equals != absl::string_view::npos) setting.values.emplace_back(word.substr(equals + 1));
  if (!setting.name.empty()) settings.push_back(std::move(setting));
}

// All names that a setting can have in some subcommand.
std::vector<std::string> KnownNames(const CLI::App& app) {
  std::set<std::string> names;
  for (const CLI::App* subcommand : app.get_subcommands({})) {
    for (const std::string& option : LongOptions(*subcommand)) names.insert(option.substr(2));
  }
  names.erase("help");
  return {names.begin(), names.end()};
}

void GiveTo(CLI::Option& option, const Setting& setting) {
  if (option.get_items_expected_max() == 0) {
    option.add_result(option.get_flag_value(setting.name, setting.values.empty() ? "true" : setting.values[0]));
  } else {
    option.add_result(setting.values);
  }
  option.run_callback();
}

}  // namespace

std::vector<Setting> ParseSettingsVariable(absl::string_view text) {
  std::vector<Setting> settings;
  for (absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty())) {
    for (size_t colon = NextSetting(word); colon != absl::string_view::npos; colon = NextSetting(word)) {
      AddSetting(word.substr(0, colon), settings);
      word.remove_prefix(colon + 1);
    }
    AddSetting(word, settings);
  }
  return settings;
}

std::string FindSettingsFile(const std::string& folder) {
  for (std::filesystem::path path = folder; !path.empty(); path = path.parent_path()) {
    const std::string candidate = (path / kFileName).string();
    if (IsTrustworthy(candidate)) return candidate;
    if (path == path.root_path()) break;
  }
  return "";
}

absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) return absl::NotFoundError(absl::StrCat("cannot read \"", path, "\""));
  std::vector<Setting> settings;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(file)) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks around a section
    const std::string section = item.parents.empty() ? "" : item.parents.back();
    Setting setting{.place = path, .subcommand = section, .name = item.name, .values = item.inputs};
    if (NamesFile(item.name)) {
      for (std::string& value : setting.values)
        value = (std::filesystem::path(path).parent_path() / value).string();
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

absl::Status ApplySettings(const std::vector<Setting>& settings, const CLI::App& app, CLI::App& subcommand) {
  const std::vector<std::string> known = KnownNames(app);
  std::set<CLI::Option*> given;
  for (const Setting& setting : settings) {
    if (std::find(known.begin(), known.end(), setting.name) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat(setting.place, ": there is no setting \"", setting.name,
                                                     "\"", DidYouMean(setting.name, known)));
    }
    CLI::Option* option = subcommand.get_option_no_throw("--" + setting.name);
    const bool is_meant = setting.subcommand.empty() || setting.subcommand == subcommand.get_name();
    if (option == nullptr || !is_meant || (option->count() > 0 && !given.contains(option))) continue;
    if (!given.insert(option).second) option->clear();  // said twice in one place: the later one counts
    try {
      GiveTo(*option, setting);
    } catch (const CLI::Error& error) {
      return absl::InvalidArgumentError(absl::StrCat(setting.place, ": ", error.what()));
    }
  }
  return absl::OkStatus();
}

}  // namespace stray::analyzer
