// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/screen_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/cli/top/cell_text.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kHelp =
    R"(Moving
  Up Down k j           one row               PgUp PgDn    one page
  Home End g G          first, last           Left Right   along long names
  Tab, 1 2 3 4          findings, groups, tasks, objects
  Enter                 a group: its tasks; anything else: all about it
  Esc, Backspace        back: from details, of a group, of a filter

Finding
  /                     search while you type; n and N: the next, the one before
  f                     show only what has this text, on all tabs; empty: all
                        Capital letters count if there are any.

Order
  b B                   group tasks by the next thing: where they stand, where
                        they were started, object, wait reason, state, test,
                        finding, labels, process
  s S                   sort by the next thing; the other way round

A live process
  p, Space              pause: no more snapshots; again: go on
  r                     a snapshot now
  m                     mark this moment: what is new or has grown is told against
                        it, and not against the snapshot before; again: no mark

  ?                     this page
  q, Ctrl-C             leave; Ctrl-Z: for a while

What stands here is what stray has concluded; nothing is decided by looking.
A task in red is part of a finding. Ages are as of the snapshot.
Of a group, "waiting for" is the shortest and the longest wait in it.)";

// The columns that a screen has room for, each in its width; what does not fit is left out from the right.
ScreenLine Row(const std::vector<Column>& columns, const std::vector<std::string>& cells, size_t width) {
  ScreenLine line;
  size_t left = width;
  for (size_t i = 0; i < columns.size() && left > 0; ++i) {
    const Column& column = columns[i];
    if (width < column.from) continue;
    const size_t wanted = column.width == 0 ? left : std::min(column.width, left);
    line.push_back({column.right ? FitCellsRight(cells[i], wanted) : FitCells(cells[i], wanted)});
    left -= wanted;
    if (left == 0) break;
    line.push_back({" "});
    --left;
  }
  return line;
}

}  // namespace

ScreenLine TextLine(absl::string_view text, size_t width, Tone tone) {
  return {{FitCells(text, std::min(width, CellWidth(text))), tone}};
}

std::string TextOfLine(const ScreenLine& line) {
  std::string text;
  for (const ScreenPiece& piece : line) absl::StrAppend(&text, piece.text);
  return text;
}

ScreenLine TitleLine(const Picture& picture, const Table& table, size_t width) {
  const std::vector<Column> columns = ColumnsOf(picture, table);
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  return TextLine(TextOfLine(Row(columns, titles, width)), width, Tone::kStrong);
}

ScreenLine RowLine(const Picture& picture, const Table& table, size_t row, const PictureCounts* before,
                   size_t skipped, size_t width, bool selected) {
  std::vector<std::string> cells = CellsOf(picture, table, row, before);
  if (skipped > 0) cells.back() = SkipCells(cells.back(), skipped);
  const ScreenLine line = Row(ColumnsOf(picture, table), cells, width);
  return {{FitCells(TextOfLine(line), width), ToneOf(picture, table, row), selected}};
}

std::vector<std::string> HelpLines() { return absl::StrSplit(kHelp, '\n'); }

}  // namespace stray::analyzer
