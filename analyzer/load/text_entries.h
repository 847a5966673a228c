// SPDX-License-Identifier: Apache-2.0
// text_entries.h: where the entries of a text dump begin and end.
//
// A text dump is a row of `name { ... }` and `name: "..."`, with comments from # to the end of the line. The
// protobuf parser wants them one by one. What is in an entry is that parser's affair.
#ifndef STRAY_ANALYZER_LOAD_TEXT_ENTRIES_H_
#define STRAY_ANALYZER_LOAD_TEXT_ENTRIES_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

class TextEntries {
 public:
  // `text` must outlive this.
  explicit TextEntries(absl::string_view text) : text_(text) {}

  // Skips space and comments. False at the end of the text.
  bool SkipToNext();

  // Takes the entry that begins here; call SkipToNext() first. False, and nothing taken, if it has no end.
  bool Take(absl::string_view& entry);

  // The line, from 1, of what comes next.
  int line() const { return line_; }

 private:
  void Advance(size_t count);
  size_t EndOfEntry() const;
  size_t EndOfString(size_t quote) const;
  size_t EndOfLine(size_t from) const;

  absl::string_view text_;
  int line_ = 1;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TEXT_ENTRIES_H_
