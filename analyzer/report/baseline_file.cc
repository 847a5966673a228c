// SPDX-License-Identifier: Apache-2.0
// baseline_file.cc: baselines as TOML, and back. Part of baseline.h.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analyzer/report/baseline.h"
#include "analyzer/report/page.h"
#include "analyzer/report/toml_text.h"

namespace stray::analyzer {
namespace {

constexpr int64_t kVersion = 1;
constexpr size_t kHashDigits = 16;
constexpr char kHead[] =
    "# Findings that are known: `stray run --baseline FILE` fails on others only.\n"
    "# Written by `stray baseline update`, which keeps reasons and titles as they stand here.\n";

// A string of TOML.
std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppendFormat(&quoted, "\\u%04X", static_cast<unsigned char>(c));
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "\"";
}

// [ ... ] with one string on each line, so that a change of one is a change of one line.
std::string ListOf(const std::vector<std::string>& texts) {
  if (texts.empty()) return "[]";
  if (texts.size() == 1) return absl::StrCat("[", Quoted(texts[0]), "]");
  return absl::StrCat(
      "[\n  ",
      absl::StrJoin(texts, ",\n  ", [](std::string* out, const std::string& text) { *out += Quoted(text); }),
      ",\n]");
}

// Reads one file; the first thing that is wrong stays in `status`.
class Reader {
 public:
  explicit Reader(absl::string_view name) : name_(name) {}

  const absl::Status& status() const { return status_; }

  void Refuse(const toml::source_region& place, absl::string_view why) {
    if (status_.ok())
      status_ = absl::InvalidArgumentError(absl::StrCat(name_, ":", place.begin.line, ": ", why));
  }

  // Refuses keys that are not in `known`: a newer stray raises the version, so they are mistakes.
  void CheckKeys(const toml::table& table, const std::set<absl::string_view>& known) {
    for (const auto& [key, value] : table) {
      const absl::string_view word(key.str().data(), key.str().size());
      if (known.contains(word)) continue;
      Refuse(key.source(), absl::StrCat("\"", Printable(word), "\" is none of ", absl::StrJoin(known, ", ")));
    }
  }

  std::string Text(const toml::table& table, const char* key, bool is_needed) {
    const toml::node* node = Find(table, key, is_needed);
    if (node == nullptr) return "";
    if (const auto* text = node->as_string(); text != nullptr) return text->get();
    Refuse(node->source(), absl::StrCat(key, " is no string"));
    return "";
  }

  std::vector<std::string> Texts(const toml::table& table, const char* key) {
    std::vector<std::string> texts;
    const toml::node* node = Find(table, key, true);
    if (node == nullptr) return texts;
    const toml::array* array = node->as_array();
    if (array == nullptr) Refuse(node->source(), absl::StrCat(key, " is no list of strings"));
    for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto* text = (*array)[i].as_string();
      if (text == nullptr) Refuse((*array)[i].source(), absl::StrCat(key, " holds what is no string"));
      if (text != nullptr) texts.push_back(text->get());
    }
    return texts;
  }

  uint64_t Number(const toml::table& table, const char* key) {
    const toml::node* node = Find(table, key, true);
    if (node == nullptr) return 0;
    const auto* number = node->as_integer();
    if (number != nullptr && number->get() > 0) return static_cast<uint64_t>(number->get());
    Refuse(node->source(), absl::StrCat(key, " is no number from 1 on"));
    return 0;
  }

  Date Day(const toml::table& table, const char* key) {
    const toml::node* node = Find(table, key, true);
    if (node == nullptr) return {};
    if (const auto* day = node->as_date(); day != nullptr) {
      const std::chrono::year_month_day date{std::chrono::year(day->get().year),
                                             std::chrono::month(day->get().month),
                                             std::chrono::day(day->get().day)};
      if (date.ok()) return date;
    }
    Refuse(node->source(), absl::StrCat(key, " is no day, as in 2026-12-31"));
    return {};
  }

 private:
  const toml::node* Find(const toml::table& table, const char* key, bool is_needed) {
    const toml::node* node = table.get(key);
    if (node == nullptr && is_needed) Refuse(table.source(), absl::StrCat(key, " is missing"));
    return node;
  }

  std::string name_;
  absl::Status status_;
};

bool IsSignature(absl::string_view text) {
  const size_t dash = text.rfind('-');
  if (dash == absl::string_view::npos || dash == 0) return false;
  const absl::string_view hash = text.substr(dash + 1);
  return hash.size() == kHashDigits && std::all_of(hash.begin(), hash.end(), absl::ascii_isxdigit);
}

BaselineEntry ReadEntry(const toml::table& table, Reader& reader) {
  reader.CheckKeys(table, {"signature", "program", "title", "sites", "findings", "added", "reason"});
  BaselineEntry entry;
  entry.signature = reader.Text(table, "signature", true);
  if (!IsSignature(entry.signature))
    reader.Refuse(table.source(), "the signature is none, as in leak.blocked-0123456789abcdef");
  entry.program = reader.Text(table, "program", true);
  entry.title = reader.Text(table, "title", false);
  entry.sites = reader.Texts(table, "sites");
  entry.findings = reader.Number(table, "findings");
  entry.added = reader.Day(table, "added");
  entry.reason = reader.Text(table, "reason", false);
  return entry;
}

absl::Status CheckVersion(const toml::table& table, absl::string_view name) {
  const toml::node* node = table.get("version");
  const auto* version = node == nullptr ? nullptr : node->as_integer();
  if (version == nullptr || version->get() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": is no baseline: it has no \"version = 1\" (`stray baseline update` makes one)"));
  }
  if (version->get() == kVersion) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(name, ": is of a newer stray: it has version ", version->get(),
                                               ", and this one reads version ", kVersion));
}

}  // namespace

absl::StatusOr<Baseline> Baseline::Parse(absl::string_view text, absl::string_view name) {
  const absl::StatusOr<toml::table> parsed = ParseToml(text, name);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(parsed.status().message()), " (so it is no baseline)"));
  }
  const toml::table& table = *parsed;
  if (absl::Status version = CheckVersion(table, name); !version.ok()) return version;
  Reader reader(name);
  reader.CheckKeys(table, {"version", "programs", "finding"});
  Baseline baseline{std::string(name)};
  baseline.programs_ = reader.Texts(table, "programs");
  std::set<std::pair<std::string, std::string>> known;
  const toml::node* list = table.get("finding");
  const toml::array* findings = list == nullptr ? nullptr : list->as_array();
  if (list != nullptr && findings == nullptr) reader.Refuse(list->source(), "findings stand in [[finding]]");
  for (size_t i = 0; findings != nullptr && i < findings->size(); ++i) {
    const toml::table* one = (*findings)[i].as_table();
    if (one == nullptr) {
      reader.Refuse((*findings)[i].source(), "findings stand in [[finding]]");
      continue;
    }
    baseline.entries_.push_back(ReadEntry(*one, reader));
    const BaselineEntry& entry = baseline.entries_.back();
    if (!known.emplace(entry.program, entry.signature).second)
      reader.Refuse(one->source(), "this signature stands there twice for one program");
  }
  if (!reader.status().ok()) return reader.status();
  return baseline;
}

std::string Baseline::Text() const {
  std::string text = absl::StrCat(kHead, "version = ", kVersion, "\nprograms = ", ListOf(programs_), "\n");
  for (const BaselineEntry& entry : entries_) {
    absl::StrAppend(&text, "\n[[finding]]\nsignature = ", Quoted(entry.signature),
                    "\nprogram = ", Quoted(entry.program), "\ntitle = ", Quoted(entry.title),
                    "\nsites = ", ListOf(entry.sites), "\nfindings = ", entry.findings,
                    "\nadded = ", DateText(entry.added), "\n");
    if (!entry.reason.empty()) absl::StrAppend(&text, "reason = ", Quoted(entry.reason), "\n");
  }
  return text;
}

}  // namespace stray::analyzer
