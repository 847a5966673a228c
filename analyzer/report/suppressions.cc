// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/suppressions.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
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

absl::Status ReadWords(const std::vector<std::string>& words, SuppressionRule& rule) {
  rule.id = words.front();
  if (absl::StrContains(rule.id, "=")) {
    return Refuse(
        rule, absl::StrCat("a rule starts with a finding id such as leak.alive or \"*\", not with ", rule.id));
  }
  for (size_t i = 1; i < words.size(); ++i) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(words[i], absl::MaxSplits('=', 1));
    std::string* field = FieldOf(rule, parts.first);
    if (field == nullptr) {
      return Refuse(rule,
                    absl::StrCat("\"", words[i],
                                 "\" is not one of function=, file=, object=, task=, created= (values with "
                                 "spaces stand in double quotes)"));
    }
    if (parts.second.empty()) return Refuse(rule, absl::StrCat(parts.first, "= needs a pattern behind it"));
    if (!field->empty()) return Refuse(rule, absl::StrCat(parts.first, "= stands there twice"));
    *field = parts.second;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Suppressions> Suppressions::Parse(absl::string_view text, absl::string_view name) {
  Suppressions result;
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

void Suppressions::Apply(std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (finding.suppressed) continue;
    for (SuppressionRule& rule : rules_) {
      if (!Matches(rule, finding)) continue;
      rule.used = true;
      finding.suppressed = true;
      finding.suppressed_by = absl::StrCat(rule.place, ": ", rule.reason);
      break;
    }
  }
}

std::vector<std::string> Suppressions::Unused() const {
  std::vector<std::string> result;
  for (const SuppressionRule& rule : rules_) {
    if (rule.used) continue;
    result.push_back(absl::StrCat(rule.place, ": the suppression of ", rule.id, " matched nothing (\"",
                                  rule.reason, "\"); delete it if it is no longer needed"));
  }
  return result;
}

}  // namespace stray::analyzer
