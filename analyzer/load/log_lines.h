// SPDX-License-Identifier: Apache-2.0
// log_lines.h: a text log, line by line, without what does not belong to it.
//
// Taken off: colours, carriage returns, and what others have put before each line: `ctest -V` a number, `go
// test` spaces, build servers a time.
#ifndef STRAY_ANALYZER_LOAD_LOG_LINES_H_
#define STRAY_ANALYZER_LOAD_LOG_LINES_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

class LogLines {
 public:
  // `text` must outlive this.
  explicit LogLines(absl::string_view text) : text_(text) {}

  // Goes to the next line. False at the end.
  bool Next();

  // The line, well-formed UTF-8. One that is too long is cut.
  absl::string_view line() const { return line_; }
  // From 1.
  size_t number() const { return number_; }

  // From now on lines that begin as this line does up to `size`, digits aside, are given without that,
  // beginning with this one.
  void SetPrefix(size_t size);

 private:
  bool HasPrefix() const;

  absl::string_view text_;
  std::string raw_;  // the line without colours, with its prefix
  std::string prefix_;
  std::string line_;
  size_t number_ = 0;
};

// `text` without escape sequences and characters that would not be printed.
std::string WithoutColors(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOG_LINES_H_
