// SPDX-License-Identifier: Apache-2.0
// cell_text.h: how much room text takes on a terminal, and text cut to the room there is.
//
// In cells: characters of East Asia take two, combining ones none. (report/page.h counts code points; on a
// screen that is redrawn line by line, one cell too many would break the next line.) Text is UTF-8 and
// printable (Printable()).
#ifndef STRAY_ANALYZER_CLI_TOP_CELL_TEXT_H_
#define STRAY_ANALYZER_CLI_TOP_CELL_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

size_t CellWidth(absl::string_view text);

// Exactly `width` cells: cut, with ".." at the end, or filled up with spaces.
std::string FitCells(absl::string_view text, size_t width);

// The same with the text at the right end.
std::string FitCellsRight(absl::string_view text, size_t width);

// `text` without its first `cells` cells. A wide character that is cut in half becomes a space.
std::string SkipCells(absl::string_view text, size_t cells);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_CELL_TEXT_H_
