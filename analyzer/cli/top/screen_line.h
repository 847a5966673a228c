// SPDX-License-Identifier: Apache-2.0
// screen_line.h: a line of a screen, and lines of a table.
#ifndef STRAY_ANALYZER_CLI_TOP_SCREEN_LINE_H_
#define STRAY_ANALYZER_CLI_TOP_SCREEN_LINE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/cli/top/picture.h"
#include "analyzer/cli/top/table.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {

struct ScreenPiece {
  std::string text;  // printable
  Tone tone = Tone::kPlain;
  bool reversed = false;
};

using ScreenLine = std::vector<ScreenPiece>;

// `text`, cut to `width` cells.
ScreenLine TextLine(absl::string_view text, size_t width, Tone tone = Tone::kPlain);

// The text of all pieces.
std::string TextOfLine(const ScreenLine& line);

// The titles of the columns.
ScreenLine TitleLine(const Picture& picture, const Table& table, size_t width);

// A row; of its last column the first `skipped` cells are left out.
ScreenLine RowLine(const Picture& picture, const Table& table, size_t row, const PictureCounts* before,
                   size_t skipped, size_t width, bool selected);

// The keys, one a line.
std::vector<std::string> HelpLines();

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_SCREEN_LINE_H_
