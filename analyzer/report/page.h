// SPDX-License-Identifier: Apache-2.0
// page.h: lines of text for a terminal: wrapped, aligned, coloured, and safe to print.
//
// All text of a report goes through a Page. Names and paths come from the program under test, so what is
// put on a page is made printable first: a thread name cannot move the cursor or recolour the terminal.
// Colour is added by the page alone and is the only source of escape sequences.
//
// Width is counted in code points; combining and double-width characters are not told apart.
#ifndef STRAY_ANALYZER_REPORT_PAGE_H_
#define STRAY_ANALYZER_REPORT_PAGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

enum class Tone {
  kPlain,
  kStrong,   // what the eye should find first
  kAlarm,    // a proved finding
  kCaution,  // a likely finding, incomplete data
  kFaint,    // what may be skipped
};

struct Span {
  std::string text;
  Tone tone = Tone::kPlain;
};

class Page {
 public:
  Page(size_t width, bool color) : width_(width), color_(color) {}

  size_t width() const { return width_; }

  // One line, however long.
  void Line(size_t indent, const std::vector<Span>& spans);
  void Line(size_t indent, absl::string_view text, Tone tone = Tone::kPlain);

  // Text wrapped at spaces. The first line starts with `lead` (a label, a number), further lines are
  // indented to where the text began. A word longer than the line is kept whole.
  void Paragraph(size_t indent, absl::string_view text, Tone tone = Tone::kPlain);
  void Paragraph(size_t indent, const Span& lead, absl::string_view text, Tone tone = Tone::kPlain);

  // An empty line, unless the last one is empty or the page is.
  void Blank();

  // What was written. The page is empty afterwards.
  std::string Take();

 private:
  size_t width_;
  bool color_;
  std::string text_;
};

// `text` with control characters, invalid UTF-8 and direction overrides as \x escapes.
std::string Printable(absl::string_view text);

// Code points in `text`.
size_t TextWidth(absl::string_view text);

// `text`, or its beginning with ".." behind it, `width` wide at most. `width` >= 2.
std::string Shorten(absl::string_view text, size_t width);

// `text` and spaces up to `width`.
std::string PadRight(absl::string_view text, size_t width);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_PAGE_H_
