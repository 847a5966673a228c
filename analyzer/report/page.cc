// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/page.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace stray::analyzer {
namespace {

const char* EscapeOf(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kStrong:
      return "\x1b[1m";
    case Tone::kAlarm:
      return "\x1b[1;31m";
    case Tone::kCaution:
      return "\x1b[1;33m";
    case Tone::kFaint:
      return "\x1b[2m";
  }
  return "";
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Length of the UTF-8 sequence at the start of `text` and its code point; length 0: not valid.
std::pair<size_t, uint32_t> DecodeOne(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  const size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead >= 0xF5 || text.size() < length) return {0, 0};
  uint32_t point = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return {0, 0};
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point < 0xE000;
  if (point < kSmallest[length] || point > 0x10FFFF || surrogate) return {0, 0};
  return {length, point};
}

// Characters that act on the terminal, or reorder what stands around them.
bool IsUnsafe(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

// The pieces of `text` that stay on one line: words, and what stands in parentheses or quotes with the word
// before it, as in `Cart::Flush (cart.cc:81)` and `T9 "writer"`, unless that takes more than half of `room`.
std::vector<std::string> Words(absl::string_view text, size_t room) {
  std::vector<std::string> words;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const bool clings = !words.empty() && (word[0] == '(' || word[0] == '"');
    if (clings && TextWidth(words.back()) + 1 + TextWidth(word) <= room / 2) {
      absl::StrAppend(&words.back(), " ", word);
    } else {
      words.emplace_back(word);
    }
  }
  return words;
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto [length, point] = DecodeOne(text);
    const bool keep = length != 0 && !IsUnsafe(point);
    if (length == 0) length = 1;
    if (keep) {
      absl::StrAppend(&result, text.substr(0, length));
    } else {
      for (char byte : text.substr(0, length)) {
        absl::StrAppendFormat(&result, "\\x%02x", static_cast<unsigned char>(byte));
      }
    }
    text.remove_prefix(length);
  }
  return result;
}

size_t TextWidth(absl::string_view text) {
  size_t width = 0;
  for (char byte : text) width += !IsContinuation(byte);
  return width;
}

std::string Shorten(absl::string_view text, size_t width) {
  if (TextWidth(text) <= width) return std::string(text);
  size_t end = 0;
  for (size_t points = 0; end < text.size(); ++end) {
    if (!IsContinuation(text[end]) && points++ == width - 2) break;
  }
  return absl::StrCat(text.substr(0, end), "..");
}

std::string PadRight(absl::string_view text, size_t width) {
  std::string result(text);
  const size_t used = TextWidth(text);
  if (used < width) result.append(width - used, ' ');
  return result;
}

void Page::Line(size_t indent, const std::vector<Span>& spans) {
  std::string line(indent, ' ');
  for (const Span& span : spans) {
    const char* escape = color_ ? EscapeOf(span.tone) : "";
    absl::StrAppend(&line, escape, Printable(span.text), *escape != '\0' ? "\x1b[0m" : "");
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  absl::StrAppend(&text_, line, "\n");
}

void Page::Line(size_t indent, absl::string_view text, Tone tone) { Line(indent, {{std::string(text), tone}}); }

void Page::Paragraph(size_t indent, absl::string_view text, Tone tone) {
  Paragraph(indent, Span{}, text, tone);
}

void Page::Paragraph(size_t indent, const Span& lead, absl::string_view text, Tone tone) {
  const size_t lead_width = TextWidth(lead.text);
  const size_t room = width_ > indent + lead_width ? width_ - indent - lead_width : 1;
  bool first = true;
  auto flush = [&](std::string& line) {
    if (first) {
      Line(indent, {lead, {line, tone}});
    } else {
      Line(indent + lead_width, line, tone);
    }
    first = false;
    line.clear();
  };
  for (absl::string_view part : absl::StrSplit(text, '\n')) {
    std::string line;
    for (const std::string& word : Words(part, room)) {
      if (!line.empty() && TextWidth(line) + 1 + TextWidth(word) > room) flush(line);
      absl::StrAppend(&line, line.empty() ? "" : " ", word);
    }
    if (!line.empty() || first) flush(line);
  }
}

void Page::Blank() {
  if (text_.empty() || (text_.size() >= 2 && text_.compare(text_.size() - 2, 2, "\n\n") == 0)) return;
  text_.push_back('\n');
}

std::string Page::Take() { return std::exchange(text_, std::string()); }

}  // namespace stray::analyzer
