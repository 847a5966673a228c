// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/toml_text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

// Where a reader of TOML stands.
enum class In { kBare, kComment, kText, kLongText, kLiteral, kLongLiteral };

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// The character that begins at `text`, and its bytes; 0 bytes: it is no UTF-8.
struct Character {
  uint32_t code = 0;
  size_t bytes = 0;
};

Character CharacterAt(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const size_t bytes = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < bytes) return {};
  uint32_t code = byte(0) & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_one = code >= kLeast[bytes] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return is_one ? Character{code, bytes} : Character{};
}

// How many of the characters at `text` are `quote`, up to `most`.
size_t QuotesAt(absl::string_view text, char quote, size_t most) {
  size_t count = 0;
  while (count < std::min(most, text.size()) && text[count] == quote) ++count;
  return count;
}

// Steps over ASCII at `text`: returns how many characters belong together, and sets where the reader is then.
size_t Step(absl::string_view text, In& in) {
  const char c = text[0];
  const bool is_quote = c == '"' || c == '\'';
  if (in == In::kBare && is_quote) {
    const bool is_long = QuotesAt(text, c, 3) == 3;
    if (c == '"') in = is_long ? In::kLongText : In::kText;
    if (c == '\'') in = is_long ? In::kLongLiteral : In::kLiteral;
    return is_long ? 3 : 1;
  }
  if (in == In::kBare && c == '#') in = In::kComment;
  if ((in == In::kText || in == In::kLongText) && c == '\\')
    return text.size() > 1 && IsAscii(text[1]) && text[1] != '\n' ? 2 : 1;
  const char end = in == In::kText || in == In::kLongText ? '"' : '\'';
  if ((in == In::kText || in == In::kLiteral) && c == end) in = In::kBare;
  if ((in == In::kLongText || in == In::kLongLiteral) && c == end) {
    // Up to two quotes of its own may stand before the three that end it.
    const size_t quotes = QuotesAt(text, end, 5);
    if (quotes >= 3) in = In::kBare;
    return quotes;
  }
  if (c == '\n' && in != In::kLongText && in != In::kLongLiteral) in = In::kBare;
  return 1;
}

}  // namespace

absl::StatusOr<std::string> AsciiToml(absl::string_view text, absl::string_view name) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  std::string ascii;
  In in = In::kBare;
  size_t line = 1;
  while (!text.empty()) {
    size_t count = 1;
    if (IsAscii(text[0])) {
      count = Step(text, in);
      const absl::string_view part = text.substr(0, count);
      line += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
      absl::StrAppend(&ascii, part);
    } else {
      const Character character = CharacterAt(text);
      const auto refuse = [&](const char* why) {
        return absl::InvalidArgumentError(absl::StrCat(name, ":", line, ": ", why));
      };
      if (character.bytes == 0) return refuse("is no UTF-8");
      if (in != In::kText && in != In::kLongText && in != In::kComment)
        return refuse("characters beyond ASCII may stand in double quotes only");
      if (in == In::kComment) ascii.push_back('?');
      if (in != In::kComment) absl::StrAppendFormat(&ascii, "\\U%08X", character.code);
      count = character.bytes;
    }
    text.remove_prefix(count);
  }
  return ascii;
}

absl::StatusOr<toml::table> ParseToml(absl::string_view text, absl::string_view name) {
  const absl::StatusOr<std::string> ascii = AsciiToml(text, name);
  if (!ascii.ok()) return ascii.status();
  toml::parse_result parsed = toml::parse(*ascii);
  if (parsed) return std::move(parsed).table();
  return absl::InvalidArgumentError(absl::StrCat(name, ":", parsed.error().source().begin.line, ": ",
                                                 Printable(std::string(parsed.error().description()))));
}

}  // namespace stray::analyzer
