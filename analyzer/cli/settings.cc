// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/suggest.h"
#include "analyzer/report/page.h"
#include "analyzer/report/toml_text.h"

namespace stray::analyzer {
namespace {

constexpr const char* kFileName = ".stray.toml";
constexpr const char* kVariable = "STRAY_OPTIONS";
constexpr absl::string_view kPrefix = "STRAY_";
// Variables that are no settings (README.md, docs/stray.1).
constexpr absl::string_view kOtherVariables[] = {"OPTIONS", "SESSION",  "AGENT",
                                                 "SCHED",   "MAXPROCS", "STACK_SIZE"};

bool IsTrustworthy(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  return (info.st_uid == geteuid() || info.st_uid == 0) && (info.st_mode & S_IWOTH) == 0;
}

bool NamesFile(absl::string_view setting) {
  return setting == "suppressions" || setting == "output" || setting == "baseline" || setting == "report-file";
}

// The words of a variable. Double quotes keep spaces together, and are left where they are.
std::vector<std::string> WordsOf(absl::string_view text) {
  std::vector<std::string> words(1);
  bool in_quotes = false;
  for (char c : text) {
    if (c == '"') in_quotes = !in_quotes;
    const bool ends = !in_quotes && absl::ascii_isspace(static_cast<unsigned char>(c));
    if (!ends) {
      words.back().push_back(c);
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

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
  if (equals != absl::string_view::npos)
    setting.values.push_back(absl::StrReplaceAll(word.substr(equals + 1), {{"\"", ""}}));
  if (!setting.name.empty()) settings.push_back(std::move(setting));
}

// "STRAY_FAIL_ON" of "fail-on".
std::string VariableOf(absl::string_view setting) {
  return absl::StrCat(kPrefix, absl::AsciiStrToUpper(absl::StrReplaceAll(setting, {{"-", "_"}})));
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

absl::Status NoSuch(const Setting& setting, absl::string_view what, const std::string& name,
                    const std::vector<std::string>& known) {
  return absl::InvalidArgumentError(absl::StrCat(setting.place, ": there is no ", what, " \"", Printable(name),
                                                 "\"", DidYouMean(name, known)));
}

std::vector<std::string> SubcommandsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : app.get_subcommands({})) names.push_back(subcommand->get_name());
  return names;
}

// The text of a single value; "" with false for what is none.
bool TextOf(const toml::node& node, std::string& text) {
  if (const auto* string = node.as_string(); string != nullptr) {
    text = string->get();
  } else if (const auto* number = node.as_integer(); number != nullptr) {
    text = absl::StrCat(number->get());
  } else if (const auto* real = node.as_floating_point(); real != nullptr) {
    text = absl::StrCat(real->get());
  } else if (const auto* flag = node.as_boolean(); flag != nullptr) {
    text = flag->get() ? "true" : "false";
  } else {
    return false;
  }
  return true;
}

// Of a table at the top, or of that of a subcommand.
class SettingsReader {
 public:
  explicit SettingsReader(const std::string& path)
      : path_(path), folder_(std::filesystem::path(path).parent_path()) {}

  absl::Status Read(const toml::table& table, const std::string& subcommand) {
    for (const auto& [key, node] : table) {
      if (subcommand.empty() && node.is_table()) continue;
      Setting setting{.place = absl::StrCat(path_, ":", key.source().begin.line),
                      .subcommand = subcommand,
                      .name = std::string(key.str()),
                      .values = {}};
      if (!ReadValues(node, setting)) {
        return absl::InvalidArgumentError(
            absl::StrCat(setting.place, ": \"", Printable(setting.name),
                         "\" is no text, number, true or false, or list of those"));
      }
      settings_.push_back(std::move(setting));
    }
    return absl::OkStatus();
  }

  std::vector<Setting> Take() { return std::move(settings_); }

 private:
  bool ReadValues(const toml::node& node, Setting& setting) const {
    const toml::array* array = node.as_array();
    const size_t count = array == nullptr ? 1 : array->size();
    for (size_t i = 0; i < count; ++i) {
      std::string text;
      if (!TextOf(array == nullptr ? node : (*array)[i], text)) return false;
      if (NamesFile(setting.name)) text = (folder_ / text).string();
      setting.values.push_back(std::move(text));
    }
    return true;
  }

  const std::string& path_;
  std::filesystem::path folder_;
  std::vector<Setting> settings_;
};

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
  for (const std::string& whole : WordsOf(text)) {
    absl::string_view word = whole;
    const bool is_quoted = absl::StrContains(word, "\"");
    for (size_t colon = NextSetting(word); !is_quoted && colon != absl::string_view::npos;
         colon = NextSetting(word)) {
      AddSetting(word.substr(0, colon), settings);
      word.remove_prefix(colon + 1);
    }
    AddSetting(word, settings);
  }
  return settings;
}

std::vector<Setting> SettingsOfVariables(const CLI::App& subcommand,
                                         const std::function<const char*(const char*)>& variable) {
  std::vector<Setting> settings;
  for (const std::string& option : LongOptions(subcommand)) {
    const std::string name = option.substr(2);
    const std::string place = VariableOf(name);
    const char* value = variable(place.c_str());
    if (value == nullptr || *value == '\0' || name == "help" || name == "sched") continue;
    settings.push_back({.place = place, .subcommand = "", .name = name, .values = {value}});
  }
  return settings;
}

std::vector<std::string> MistypedVariables(absl::Span<const char* const> environment, const CLI::App& app) {
  std::vector<std::string> known(std::begin(kOtherVariables), std::end(kOtherVariables));
  for (const std::string& name : KnownNames(app)) known.push_back(VariableOf(name).substr(kPrefix.size()));
  std::vector<std::string> sentences;
  for (absl::string_view variable : environment) {
    if (!absl::ConsumePrefix(&variable, kPrefix)) continue;
    const std::string name(variable.substr(0, variable.find('=')));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = NearestWord(name, known);
    if (nearest.empty()) continue;
    sentences.push_back(
        absl::StrCat(kPrefix, Printable(name), " is no setting; did you mean ", kPrefix, nearest, "?"));
  }
  return sentences;
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
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::NotFoundError(absl::StrCat("cannot read \"", path, "\""));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const absl::StatusOr<toml::table> parsed = ParseToml(text, path);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(parsed.status().message()), " (text stands in quotes, as in grace = \"2s\")"));
  }
  SettingsReader reader(path);
  // What is said of one subcommand comes behind what is said of all, and so is what counts.
  if (absl::Status top = reader.Read(*parsed, ""); !top.ok()) return top;
  for (const auto& [key, node] : *parsed) {
    if (!node.is_table()) continue;
    const absl::Status section = reader.Read(*node.as_table(), std::string(key.str()));
    if (!section.ok()) return section;
  }
  return reader.Take();
}

absl::Status ApplySettings(const std::vector<Setting>& settings, const CLI::App& app, CLI::App& subcommand) {
  const std::vector<std::string> known = KnownNames(app);
  const std::vector<std::string> subcommands = SubcommandsOf(app);
  std::set<CLI::Option*> given;
  for (const Setting& setting : settings) {
    const bool is_section = setting.subcommand.empty() || std::find(subcommands.begin(), subcommands.end(),
                                                                    setting.subcommand) != subcommands.end();
    if (!is_section) return NoSuch(setting, "command", setting.subcommand, subcommands);
    if (std::find(known.begin(), known.end(), setting.name) == known.end())
      return NoSuch(setting, "setting", setting.name, known);
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
