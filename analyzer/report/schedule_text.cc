// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/schedule_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

constexpr size_t kIndent = 5;
constexpr size_t kGap = 2;
constexpr size_t kWidestPlace = 40;  // of a place in a cell; what it begins with says less than its end

// One line of the table: a cell for each task.
using Cells = std::vector<std::string>;

std::string CellOf(const ProcessModel& process, const wire::ScheduleStep& step) {
  std::string place = PlaceOfStack(process, step.stack());
  if (TextWidth(place) > kWidestPlace) {
    const size_t file = place.rfind(" (");
    if (file != std::string::npos) place = place.substr(file + 2, place.size() - file - 3);
  }
  return absl::StrCat(Printable(step.what()), place.empty() ? "" : absl::StrCat("  ", place));
}

// As wide as its widest cell.
std::vector<size_t> WidthsOf(const std::vector<Cells>& rows, size_t columns) {
  std::vector<size_t> widths(columns, 0);
  for (const Cells& row : rows) {
    for (size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], TextWidth(row[i]));
  }
  return widths;
}

void WriteRow(Page& page, const Cells& row, const std::vector<size_t>& widths, Tone tone) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    absl::StrAppend(&line, row[i]);
    const bool is_last = std::all_of(row.begin() + static_cast<ptrdiff_t>(i) + 1, row.end(),
                                     [](const std::string& cell) { return cell.empty(); });
    if (is_last) break;
    line.append(widths[i] - TextWidth(row[i]) + kGap, ' ');
  }
  page.Line(kIndent, line, tone);
}

}  // namespace

void WriteSchedule(TaskBlockContext& context, const wire::Schedule& schedule) {
  if (schedule.next().empty()) return;
  std::vector<uint32_t> tasks;
  Cells names;
  for (const wire::ScheduleStep& step : schedule.next()) {
    tasks.push_back(step.task());
    names.push_back(TaskLabel(context.process, step.task()));
  }
  const auto column_of = [&](uint32_t task) {
    return static_cast<size_t>(std::find(tasks.begin(), tasks.end(), task) - tasks.begin());
  };
  std::vector<Cells> rows = {names};
  for (const wire::ScheduleStep& step : schedule.steps()) {
    if (column_of(step.task()) == tasks.size()) continue;
    rows.emplace_back(tasks.size())[column_of(step.task())] = CellOf(context.process, step);
  }
  Cells next(tasks.size());
  for (const wire::ScheduleStep& step : schedule.next())
    next[column_of(step.task())] = CellOf(context.process, step);
  rows.push_back(next);
  context.page.Blank();
  context.page.Paragraph(
      3,
      schedule.left_out() == 0
          ? std::string("An order of the recorded events that gets there; the last line is what comes next:")
          : absl::StrCat("The end of an order of the recorded events that gets there (",
                         Counted(schedule.left_out(), "other event"), schedule.left_out() == 1 ? " is" : " are",
                         " left out); the last line is what comes next:"));
  const std::vector<size_t> widths = WidthsOf(rows, tasks.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool is_edge = i == 0 || i + 1 == rows.size();
    WriteRow(context.page, rows[i], widths, is_edge ? Tone::kStrong : Tone::kPlain);
  }
}

}  // namespace stray::analyzer
