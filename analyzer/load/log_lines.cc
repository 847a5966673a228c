// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/log_lines.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

constexpr size_t kLongestLine = 1u << 16;
constexpr char kEscape = '\x1b';

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool IsAlike(char a, char b) { return a == b || (IsDigit(a) && IsDigit(b)); }

}  // namespace

// An escape sequence ends with a letter: "\x1b[1;31m", and "\x1b[K" of compilers and test runners.
std::string WithoutColors(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kEscape) {
      ++i;
      while (i < text.size() && !absl::ascii_isalpha(static_cast<unsigned char>(text[i]))) ++i;
    } else if (text[i] != '\r' && text[i] != '\0') {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

bool LogLines::Next() {
  if (text_.empty()) return false;
  const size_t end = text_.find('\n');
  const absl::string_view line = text_.substr(0, std::min(end, kLongestLine));
  text_.remove_prefix(end == absl::string_view::npos ? text_.size() : end + 1);
  ++number_;
  raw_ = ToUtf8(WithoutColors(line));
  line_ = HasPrefix() ? raw_.substr(std::min(prefix_.size(), raw_.size())) : raw_;
  return true;
}

// An empty line of the log may have lost spaces at the end of its prefix.
bool LogLines::HasPrefix() const {
  if (prefix_.empty()) return false;
  if (!std::equal(raw_.begin(), raw_.begin() + static_cast<ptrdiff_t>(std::min(raw_.size(), prefix_.size())),
                  prefix_.begin(), IsAlike)) {
    return false;
  }
  return raw_.size() >= prefix_.size() || absl::StripAsciiWhitespace(prefix_).size() <= raw_.size();
}

void LogLines::SetPrefix(size_t size) {
  const size_t taken = std::min(size, line_.size());
  prefix_ = raw_.substr(0, raw_.size() - (line_.size() - taken));
  line_.erase(0, taken);
}

}  // namespace stray::analyzer
