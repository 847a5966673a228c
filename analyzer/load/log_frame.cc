// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/log_frame.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kNothing = "<null>";

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes the number behind the last colon, if that is one.
bool ConsumeTrailingNumber(absl::string_view& text, uint32_t& number) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon + 1 == text.size() || colon == 0) return false;
  if (!IsDigit(text[colon + 1]) || !absl::SimpleAtoi(text.substr(colon + 1), &number)) return false;
  text = text.substr(0, colon);
  return true;
}

// Takes " (BuildId: 7695f3ef)" off the end.
void ConsumeBuildId(absl::string_view& text, LogFrame& frame) {
  constexpr absl::string_view kLead = " (BuildId: ";
  const size_t begin = text.rfind(kLead);
  if (begin == absl::string_view::npos || !absl::EndsWith(text, ")")) return;
  const absl::string_view id = text.substr(begin + kLead.size(), text.size() - begin - kLead.size() - 1);
  if (id.find_first_not_of("0123456789abcdefABCDEF") != absl::string_view::npos) return;
  frame.build_id = absl::AsciiStrToLower(id);
  text = text.substr(0, begin);
}

// Takes " (shop+0xead99)", or " (0x7f00)" of code in no module, off the end.
void ConsumeModule(absl::string_view& text, LogFrame& frame) {
  const size_t begin = text.rfind(" (");
  if (begin == absl::string_view::npos || !absl::EndsWith(text, ")")) return;
  const absl::string_view inside = text.substr(begin + 2, text.size() - begin - 3);
  const size_t plus = inside.rfind("+0x");
  if (plus == absl::string_view::npos) {
    if (!absl::StartsWith(inside, "0x") || !ParseHex(inside, frame.address)) return;
  } else {
    if (plus == 0 || !ParseHex(inside.substr(plus + 1), frame.offset)) return;
    frame.module = std::string(inside.substr(0, plus));
  }
  text = text.substr(0, begin);
}

// Where the path begins in "FUNCTION PATH": behind the last space, or, if the path is absolute and has spaces
// itself, before its first slash. Functions have spaces too, but none of them is followed by a slash.
size_t BeginOfPath(absl::string_view text) {
  const size_t slash = text.find(" /");
  if (slash != absl::string_view::npos && text.find_first_of("<>()", slash) == absl::string_view::npos) {
    return slash + 1;
  }
  const size_t space = text.rfind(' ');
  return space == absl::string_view::npos ? absl::string_view::npos : space + 1;
}

// The place where "#12 " begins, or npos.
size_t BeginOfNumber(absl::string_view line) {
  for (size_t at = line.find('#'); at != absl::string_view::npos; at = line.find('#', at + 1)) {
    const bool after_space = absl::EndsWith(line.substr(0, at), "    ");
    size_t end = at + 1;
    while (end < line.size() && IsDigit(line[end])) ++end;
    if (after_space && end > at + 1 && end < line.size() && line[end] == ' ') return at;
  }
  return absl::string_view::npos;
}

}  // namespace

bool ParseHex(absl::string_view text, uint64_t& number) {
  absl::ConsumePrefix(&text, "0x");
  return !text.empty() && text.size() <= 16 && absl::SimpleHexAtoi(text, &number);
}

void ParsePlace(absl::string_view text, LogFrame& frame) {
  if (text.empty() || text == kNothing || text == "??") return;
  uint32_t last = 0;
  uint32_t before = 0;
  if (ConsumeTrailingNumber(text, last)) {
    const bool has_column = ConsumeTrailingNumber(text, before);
    frame.line = has_column ? before : last;
    frame.column = has_column ? last : 0;
  }
  frame.file = std::string(text);
}

std::optional<NumberedFrame> ParseTsanFrame(absl::string_view line) {
  const size_t begin = BeginOfNumber(line);
  if (begin == absl::string_view::npos) return std::nullopt;
  NumberedFrame result;
  absl::string_view rest = line.substr(begin + 1);
  const size_t space = rest.find(' ');
  if (!absl::SimpleAtoi(rest.substr(0, space), &result.number)) return std::nullopt;
  rest = absl::StripAsciiWhitespace(rest.substr(space));
  ConsumeBuildId(rest, result.frame);
  ConsumeModule(rest, result.frame);
  const size_t path = BeginOfPath(rest);
  if (path != absl::string_view::npos) {
    ParsePlace(rest.substr(path), result.frame);
    rest = absl::StripTrailingAsciiWhitespace(rest.substr(0, path));
  }
  if (rest != kNothing) result.frame.function = std::string(rest);
  return result;
}

bool ParseGoPlace(absl::string_view line, LogFrame& frame) {
  if (!absl::StartsWith(line, "      ") && !absl::StartsWith(line, "\t")) return false;
  absl::string_view text = absl::StripAsciiWhitespace(line);
  const size_t offset = text.rfind(" +0x");
  if (offset != absl::string_view::npos) text = text.substr(0, offset);
  LogFrame place;
  ParsePlace(text, place);
  if (place.line == 0) return false;
  frame.file = place.file;
  frame.line = place.line;
  return true;
}

}  // namespace stray::analyzer
