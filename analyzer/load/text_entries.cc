// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/text_entries.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace stray::analyzer {

void TextEntries::Advance(size_t count) {
  const absl::string_view skipped = text_.substr(0, count);
  line_ += static_cast<int>(std::count(skipped.begin(), skipped.end(), '\n'));
  text_.remove_prefix(count);
}

size_t TextEntries::EndOfLine(size_t from) const {
  const size_t end = text_.find('\n', from);
  return end == absl::string_view::npos ? text_.size() : end;
}

bool TextEntries::SkipToNext() {
  while (!text_.empty()) {
    if (text_.front() == '#') {
      Advance(EndOfLine(0));
    } else if (absl::ascii_isspace(static_cast<unsigned char>(text_.front()))) {
      Advance(1);
    } else {
      return true;
    }
  }
  return false;
}

// Index of the quote that closes the string opened at `quote`, or npos.
size_t TextEntries::EndOfString(size_t quote) const {
  for (size_t i = quote + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == text_[quote]) {
      return i;
    }
  }
  return absl::string_view::npos;
}

// Index of the last character of the entry that begins here: the brace that closes it, or, outside of all
// braces, the end of a string. npos if there is none.
size_t TextEntries::EndOfEntry() const {
  int depth = 0;
  for (size_t i = 0; i < text_.size(); ++i) {
    switch (text_[i]) {
      case '#':
        i = EndOfLine(i);
        break;
      case '"':
      case '\'':
        i = EndOfString(i);
        if (depth == 0 || i == absl::string_view::npos) return i;
        break;
      case '{':
        ++depth;
        break;
      case '}':
        if (--depth <= 0) return i;
        break;
      default:
        break;
    }
  }
  return absl::string_view::npos;
}

bool TextEntries::Take(absl::string_view& entry) {
  const size_t end = EndOfEntry();
  if (end == absl::string_view::npos) return false;
  entry = text_.substr(0, end + 1);
  Advance(end + 1);
  return true;
}

}  // namespace stray::analyzer
