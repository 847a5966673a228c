// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/suppressions.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/report/suppression_match.h"

namespace stray::analyzer {
namespace {

// One line, cut into words and the comment behind them. Double quotes keep spaces and '#' together.
struct Line {
  std::vector<std::string> words;
  std::string comment;
  bool open_quote = false;
};

Line SplitLine(absl::string_view text) {
  Line line;
  std::string word;
  bool in_word = false;
  bool in_quotes = false;
  auto end_word = [&] {
    if (in_word) line.words.push_back(std::exchange(word, std::string()));
    in_word = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_quotes = !in_quotes;
      in_word = true;
    } else if (!in_quotes && absl::ascii_isspace(static_cast<unsigned char>(c))) {
      end_word();
    } else if (!in_quotes && !in_word && c == '#') {
      line.comment = std::string(absl::StripAsciiWhitespace(text.substr(i + 1)));
      break;
    } else {
      word.push_back(c);
      in_word = true;
    }
  }
  end_word();
  line.open_quote = in_quotes;
  return line;
}

std::string* FieldOf(SuppressionRule& rule, absl::string_view key) {
  if (key == "function") return &rule.function;
  if (key == "file") return &rule.file;
  if (key == "object") return &rule.object;
  if (key == "task") return &rule.task;
  if (key == "created") return &rule.created;
  return nullptr;
}

absl::Status Refuse(const SuppressionRule& rule, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(rule.place, ": ", why));
}

bool IsLimit(absl::string_view key) { return key == "expires" || key == "at-most" || key == "at-most-in-all"; }

// A part that says how far a rule goes.
absl::Status ReadLimit(const std::string& key, const std::string& value, SuppressionRule& rule) {
  if (key == "expires") {
    if (rule.expires.has_value()) return Refuse(rule, "expires= stands there twice");
    rule.expires = ParseDate(value);
    if (rule.expires.has_value()) return absl::OkStatus();
    return Refuse(rule, absl::StrCat("\"", value, "\" is no day: expires= needs one as in expires=2026-12-31"));
  }
  std::optional<uint64_t>& limit = key == "at-most" ? rule.each : rule.in_all;
  if (limit.has_value()) return Refuse(rule, absl::StrCat(key, "= stands there twice"));
  uint64_t number = 0;
  const bool is_number = std::all_of(value.begin(), value.end(), absl::ascii_isdigit);
  if (!is_number || !absl::SimpleAtoi(value, &number) || number == 0)
    return Refuse(rule, absl::StrCat("\"", value, "\" is no number from 1 on: ", key, "= needs one"));
  limit = number;
  return absl::OkStatus();
}

absl::Status ReadWords(const std::vector<std::string>& words, SuppressionRule& rule) {
  rule.id = words.front();
  if (absl::StrContains(rule.id, "=")) {
    return Refuse(
        rule, absl::StrCat("a rule starts with a finding id such as leak.alive or \"*\", not with ", rule.id));
  }
  for (size_t i = 1; i < words.size(); ++i) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(words[i], absl::MaxSplits('=', 1));
    if (IsLimit(parts.first)) {
      if (absl::Status limit = ReadLimit(parts.first, parts.second, rule); !limit.ok()) return limit;
      continue;
    }
    std::string* field = FieldOf(rule, parts.first);
    if (field == nullptr) {
      return Refuse(
          rule, absl::StrCat("\"", words[i],
                             "\" is not one of function=, file=, object=, task=, created=, expires=, at-most=, "
                             "at-most-in-all= (values with spaces stand in double quotes)"));
    }
    if (parts.second.empty()) return Refuse(rule, absl::StrCat(parts.first, "= needs a pattern behind it"));
    if (!field->empty()) return Refuse(rule, absl::StrCat(parts.first, "= stands there twice"));
    *field = parts.second;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Suppressions> Suppressions::Parse(absl::string_view text, absl::string_view name, Date today) {
  Suppressions result;
  result.today_ = today;
  std::string reason_above;  // of a "# why:" line, for the rules directly below it
  size_t number = 0;
  for (absl::string_view raw : absl::StrSplit(text, '\n')) {
    ++number;
    const Line line = SplitLine(raw);
    SuppressionRule rule;
    rule.place = absl::StrCat(name, ":", number);
    if (line.open_quote) return Refuse(rule, "a double quote is opened and not closed");
    if (line.words.empty()) {
      absl::string_view comment = line.comment;
      if (absl::ConsumePrefix(&comment, "why:")) {
        reason_above = std::string(absl::StripAsciiWhitespace(comment));
      } else if (comment.empty()) {
        reason_above.clear();
      }
      continue;
    }
    if (absl::Status status = ReadWords(line.words, rule); !status.ok()) return status;
    rule.reason = line.comment.empty() ? reason_above : line.comment;
    if (rule.reason.empty()) {
      return Refuse(rule,
                    "the rule does not say why: add \"# reason\" behind it or \"# why: reason\" above it");
    }
    result.rules_.push_back(std::move(rule));
  }
  return result;
}

bool Suppressions::TryAccept(const SuppressionRule& rule, uint64_t total, Finding& finding) const {
  const std::string name = absl::StrCat(rule.place, ": ", rule.reason);
  const bool too_many = rule.each.has_value() && finding.count > *rule.each;
  if (too_many || (rule.in_all.has_value() && total > *rule.in_all)) {
    if (finding.exceeded.empty()) {
      finding.exceeded = too_many ? absl::StrCat(rule.place, " accepts at most ", *rule.each, " at one place (",
                                                 rule.reason, "), and here are ", finding.count)
                                  : absl::StrCat(rule.place, " accepts at most ", *rule.in_all, " in all (",
                                                 rule.reason, "), and there are ", total);
    }
    return false;
  }
  if (!rule.expires.has_value()) {
    finding.quarantine.reset();
    finding.suppressed = true;
    finding.suppressed_by = name;
    return true;
  }
  const bool ran_out = HasRunOut(rule);
  if (!ran_out || !finding.quarantine.has_value())
    finding.quarantine = {name, DateText(*rule.expires), ran_out};
  return !ran_out;
}

void Suppressions::Apply(std::vector<Finding>& findings) {
  std::vector<uint64_t> totals(rules_.size());
  std::vector<std::vector<size_t>> matching(findings.size());  // rules of each finding
  for (size_t i = 0; i < findings.size(); ++i) {
    if (IsExcused(findings[i])) continue;
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
      if (!Matches(rules_[rule], findings[i])) continue;
      matching[i].push_back(rule);
      totals[rule] += findings[i].count;
      // What accepts all of it leaves nothing to those below.
      const bool has_limit = rules_[rule].each.has_value() || rules_[rule].in_all.has_value();
      if (!has_limit && !HasRunOut(rules_[rule])) break;
    }
  }
  for (size_t i = 0; i < findings.size(); ++i) {
    for (size_t rule : matching[i]) {
      rules_[rule].used = true;
      if (!TryAccept(rules_[rule], totals[rule], findings[i])) continue;
      findings[i].exceeded.clear();
      break;
    }
  }
}

std::vector<std::string> Suppressions::Unused() const {
  std::vector<std::string> result;
  for (const SuppressionRule& rule : rules_) {
    if (rule.used) continue;
    const std::string when = HasRunOut(rule) ? absl::StrCat(" and ran out on ", DateText(*rule.expires)) : "";
    result.push_back(absl::StrCat(rule.place, ": the suppression of ", rule.id, " matched nothing", when,
                                  " (\"", rule.reason, "\"); delete it if it is no longer needed"));
  }
  return result;
}

}  // namespace stray::analyzer
