// SPDX-License-Identifier: Apache-2.0
// text_lines.h: a text of any size, line by line, as it stands: nothing is copied that need not be.
//
// For logs of some lines LogLines is more thorough. Here a line costs a search for its end; only one with
// escape sequences is copied. Carriage returns and white space at both ends are taken off, and what others have
// put before each line of a block: `ctest -V` a number, build servers a time.
#ifndef STRAY_ANALYZER_LOAD_TEXT_LINES_H_
#define STRAY_ANALYZER_LOAD_TEXT_LINES_H_

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

class TextLines {
 public:
  // `text` must outlive this.
  explicit TextLines(absl::string_view text) : text_(text), rest_(text) {}

  // Goes to the next line. False at the end.
  bool Next();

  // The next call of Next() stays at this line: somebody else takes it.
  void Again() { again_ = true; }

  // The line, without white space around it. Valid until the next but one. Its bytes may be no UTF-8.
  absl::string_view line() const { return line_; }
  size_t number() const { return number_; }                      // from 1
  size_t offset() const { return text_.size() - rest_.size(); }  // of the line behind it
  // False if the text ends with this line, without an end of line.
  bool is_ended() const { return ended_; }

  // From now on lines that begin with what stands before `line` in this one, digits aside, are given without
  // that. `line` must be a part of line().
  void SetPrefixBefore(absl::string_view line);
  void ClearPrefix() { prefix_.clear(); }

 private:
  absl::string_view WithoutPrefix(absl::string_view line) const;

  absl::string_view text_;
  absl::string_view rest_;  // behind the line
  std::string prefix_;
  absl::string_view bare_;  // the line with its prefix
  absl::string_view line_;
  std::array<std::string, 2> plain_;  // this line and the one before, if they had colours
  size_t number_ = 0;
  bool ended_ = true;
  bool again_ = false;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_TEXT_LINES_H_
