// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/text_lines.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "analyzer/load/log_lines.h"

namespace stray::analyzer {
namespace {

constexpr size_t kLongestLine = 1u << 16;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool IsAlike(char a, char b) {
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  return a == b || (is_digit(a) && is_digit(b));
}

absl::string_view Stripped(absl::string_view line) {
  while (!line.empty() && IsSpace(line.back())) line.remove_suffix(1);
  while (!line.empty() && IsSpace(line.front())) line.remove_prefix(1);
  return line;
}

}  // namespace

bool TextLines::Next() {
  if (again_) {
    again_ = false;
    return true;
  }
  if (rest_.empty()) return false;
  const size_t end = rest_.find('\n');
  absl::string_view line = rest_.substr(0, end);
  ended_ = end != absl::string_view::npos;
  rest_.remove_prefix(ended_ ? end + 1 : rest_.size());
  ++number_;
  line = line.substr(0, kLongestLine);
  if (line.find('\x1b') != absl::string_view::npos) line = plain_[number_ % 2] = WithoutColors(line);
  bare_ = Stripped(line);
  line_ = prefix_.empty() ? bare_ : WithoutPrefix(bare_);
  return true;
}

absl::string_view TextLines::WithoutPrefix(absl::string_view line) const {
  // An empty line of the log has lost the spaces at the end of its prefix.
  const size_t size = std::min(line.size(), prefix_.size());
  if (!std::equal(line.begin(), line.begin() + static_cast<ptrdiff_t>(size), prefix_.begin(), IsAlike))
    return line;
  return line.size() >= Stripped(prefix_).size() ? Stripped(line.substr(size)) : line;
}

void TextLines::SetPrefixBefore(absl::string_view line) {
  prefix_ = std::string(bare_.substr(0, static_cast<size_t>(line.data() - bare_.data())));
  line_ = Stripped(line);
}

}  // namespace stray::analyzer
