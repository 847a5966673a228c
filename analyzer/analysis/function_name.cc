// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/function_name.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kAnonymous = "(anonymous namespace)";
constexpr absl::string_view kOperator = "operator";

// What follows the name in a clone's suffix, after the dot.
constexpr std::array<absl::string_view, 10> kCloneWords = {"part.",   "constprop.", "isra.",      "cold",
                                                           "llvm.",   "lto_priv.",  "localalias", "clone.",
                                                           "__uniq.", "resolver"};

bool IsIdentifier(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

// The length of the word "operator" with the symbol behind it, 0 if `text` does not begin with one.
size_t OperatorSymbolLength(absl::string_view text) {
  if (!absl::StartsWith(text, kOperator)) return 0;
  // Longest first where one begins with the other.
  constexpr std::array<absl::string_view, 14> kBracketed = {"()", "[]", "<=>", "<<=", ">>=", "->*", "<<",
                                                            ">>", "<=", ">=",  "->",  "<",   ">",   "\"\""};
  absl::string_view rest = text.substr(kOperator.size());
  for (absl::string_view symbol : kBracketed) {
    if (absl::StartsWith(rest, symbol)) return kOperator.size() + symbol.size();
  }
  return 0;
}

char Closer(char open) {
  switch (open) {
    case '(':
      return ')';
    case '<':
      return '>';
    case '{':
      return '}';
    default:
      return ']';
  }
}

class NameParser {
 public:
  explicit NameParser(absl::string_view text) : text_(text) {}

  std::vector<NamePart> Parse() && {
    while (pos_ < text_.size()) {
      if (!Step()) return {};
    }
    if (!FinishPart()) return {};
    return std::move(parts_);
  }

 private:
  absl::string_view Rest() const { return text_.substr(pos_); }
  bool AtPartStart() const { return pos_ == begin_ && !has_name_; }

  // Consumes one element at bracket depth 0. False: the text is not a name we understand.
  bool Step() {
    if (absl::StartsWith(Rest(), "::")) {
      bool is_global = AtPartStart() && parts_.empty();
      pos_ += 2;
      if (!is_global) return FinishPart();
      StartPart();
      return true;
    }
    switch (text_[pos_]) {
      case '<':
        return AtPartStart() ? TakeNameGroup() : TakeArguments();
      case '(':
        if (AtPartStart() && absl::StartsWith(Rest(), kAnonymous)) return TakeNameGroup();
        if (AtPartStart() && parts_.empty()) return SkipGroup();  // "decltype (auto) F<int>()"
        return SkipParameters();
      case '{':
        return TakeNameGroup();
      case '[':
        return SkipGroup();
      case '\'':
        return TakeQuoted();
      case ' ':
        StartOver();
        return true;
      default:
        return TakeWord();
    }
  }

  bool FinishPart() {
    if (!has_name_) return false;
    parts_.push_back(part_);
    StartPart();
    return true;
  }

  void StartPart() {
    part_ = {};
    has_name_ = false;
    begin_ = pos_;
  }

  // What came so far was a return type, or words such as "non-virtual thunk to".
  void StartOver() {
    ++pos_;
    parts_.clear();
    StartPart();
  }

  void ExtendNameTo(size_t end) {
    pos_ = end;
    part_.name = text_.substr(begin_, end - begin_);
    has_name_ = true;
  }

  bool SkipGroup() {
    size_t end = EndOfGroup(text_, pos_);
    if (end == absl::string_view::npos) return false;
    pos_ = end;
    return true;
  }

  bool TakeNameGroup() {
    size_t end = EndOfGroup(text_, pos_);
    if (end == absl::string_view::npos) return false;
    ExtendNameTo(end);
    return true;
  }

  bool TakeArguments() {
    size_t open = pos_;
    if (!SkipGroup()) return false;
    part_.arguments = text_.substr(open, pos_ - open);
    return true;
  }

  // LLVM's 'lambda0'(int) and 'unnamed'.
  bool TakeQuoted() {
    size_t end = text_.find('\'', pos_ + 1);
    if (end == absl::string_view::npos) return false;
    ExtendNameTo(end + 1);
    return true;
  }

  // The parameters of a function and the qualifiers behind them: "(int) const".
  bool SkipParameters() {
    if (!has_name_ || !SkipGroup()) return false;
    constexpr std::array<absl::string_view, 5> kQualifiers = {" const", " volatile", " &&", " &", " noexcept"};
    for (bool found = true; found;) {
      found = false;
      for (absl::string_view qualifier : kQualifiers) {
        if (!absl::StartsWith(Rest(), qualifier)) continue;
        char next = Rest().size() > qualifier.size() ? Rest()[qualifier.size()] : ' ';
        if (IsIdentifier(next)) continue;
        pos_ += qualifier.size();
        found = true;
      }
    }
    return true;
  }

  bool TakeWord() {
    if (AtPartStart() && TakeOperator()) return true;
    size_t end = pos_ + 1;
    if (IsIdentifier(text_[pos_])) {
      while (end < text_.size() && IsIdentifier(text_[end])) ++end;
    }
    ExtendNameTo(end);
    return true;
  }

  bool TakeOperator() {
    if (size_t length = OperatorSymbolLength(Rest())) {
      ExtendNameTo(pos_ + length);
      if (absl::StartsWith(Rest(), " <")) ++pos_;
      return true;
    }
    if (!absl::StartsWith(Rest(), kOperator)) return false;
    size_t end = pos_ + kOperator.size();
    if (end < text_.size() && IsIdentifier(text_[end])) return false;
    // operator+, operator new[], operator std::vector<int>: up to the parameters.
    while (end < text_.size() && text_[end] != '(') {
      size_t next = text_[end] == '<' || text_[end] == '[' ? EndOfGroup(text_, end) : end + 1;
      if (next == absl::string_view::npos) return false;
      end = next;
    }
    ExtendNameTo(end);
    return true;
  }

  absl::string_view text_;
  size_t pos_ = 0;
  size_t begin_ = 0;  // of the current part
  bool has_name_ = false;
  NamePart part_;
  std::vector<NamePart> parts_;
};

}  // namespace

size_t EndOfGroup(absl::string_view text, size_t begin) {
  std::string closers;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == 'o' && (i == 0 || !IsIdentifier(text[i - 1]))) {
      if (size_t length = OperatorSymbolLength(text.substr(i))) i += length - 1;
      continue;
    }
    switch (text[i]) {
      case '(':
      case '<':
      case '{':
      case '[':
        closers.push_back(Closer(text[i]));
        break;
      case '>':
        if (i > 0 && text[i - 1] == '-') break;
        [[fallthrough]];
      case ')':
      case '}':
      case ']':
        if (closers.empty() || closers.back() != text[i]) return absl::string_view::npos;
        closers.pop_back();
        if (closers.empty()) return i + 1;
        break;
      default:
        break;
    }
  }
  return absl::string_view::npos;
}

absl::string_view WithoutCloneSuffix(absl::string_view name) {
  size_t end = name.find(" [clone ");
  if (end == absl::string_view::npos) end = name.find(" (.");
  name = name.substr(0, end);
  for (size_t dot = name.find('.'); dot != absl::string_view::npos; dot = name.find('.', dot + 1)) {
    for (absl::string_view word : kCloneWords) {
      if (dot > 0 && absl::StartsWith(name.substr(dot + 1), word)) return name.substr(0, dot);
    }
  }
  return name;
}

std::vector<NamePart> ParseName(absl::string_view name) {
  // Go: package.(*Type).Method, and everything else with a bracket after a dot.
  if (absl::StrContains(name, ".(")) return {};
  return NameParser(WithoutCloneSuffix(name)).Parse();
}

}  // namespace stray::analyzer
