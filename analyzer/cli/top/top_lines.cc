// SPDX-License-Identifier: Apache-2.0
// top_lines.cc: what of a TopView stands on the screen.
//
//   2 findings in deadlock_test (pid 4711): 2 deadlocks.
//   3 tasks, 2 blocked; every 2.0 s; snapshot 5 took 35 ms (in it 300 us)
//   data is incomplete: ...
//   1 Findings 2   2 Groups 3   3 Tasks 3   4 Objects 2          by importance
//   titles of the columns
//   rows
//   keys, or what is typed
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/cli/top/cell_text.h"
#include "analyzer/cli/top/top_view.h"

namespace stray::analyzer {
namespace {

constexpr size_t kSmallestWidth = 20, kSmallestHeight = 8;
constexpr size_t kPageRows = 100;  // of each table of a page for a pipe

constexpr char kListKeys[] = "Enter more  / search  f filter  b group  s sort  1-4 tabs  ? help  q quit";
constexpr char kLiveKeys[] = "Enter more  / search  f filter  b group  s sort  m mark  p pause  ? help  q quit";
constexpr char kPagerKeys[] = "Up Down Left Right PgUp PgDn  / search  n next  q back";

size_t SizeOf(const Picture& picture, Tab tab) {
  switch (tab) {
    case Tab::kFindings:
      return static_cast<size_t>(std::count_if(picture.findings.begin(), picture.findings.end(),
                                               [](const FindingRow& row) { return row.number != 0; }));
    case Tab::kGroups:
      return picture.counts.tasks[static_cast<size_t>(Facet::kSite)].size();
    case Tab::kTasks:
      return picture.tasks.size();
    case Tab::kObjects:
      return picture.objects.size();
  }
  return 0;
}

std::string TasksText(const Picture& picture) {
  return absl::StrCat(Counted(picture.tasks.size(), "task"), ", ", picture.blocked, " blocked");
}

std::string RemarksText(const Picture& picture) {
  const size_t others = picture.remarks.size() - 1;
  return absl::StrCat("data is incomplete: ", picture.remarks.front(),
                      others == 0 ? "" : absl::StrCat(" (and ", others, " more)"));
}

// "8 tasks, 3 blocked; every 2.0 s; snapshot 5 took 35 ms (in it 300 us)". `pace`: "every 2.0 s".
std::string TextOfSource(const SourceState& source, const Picture* picture, const std::string& pace) {
  std::vector<std::string> parts;
  if (picture == nullptr) parts.push_back(absl::StrCat("waiting for the first snapshot of ", source.name));
  if (picture != nullptr) parts.push_back(TasksText(*picture));
  if (!source.is_live) parts.push_back(source.name);
  if (!pace.empty()) parts.push_back(pace);
  if (source.is_live && picture != nullptr) {
    const std::string in_program =
        picture->in_program_ns == 0 ? "" : absl::StrCat(" (in it ", DurationText(picture->in_program_ns), ")");
    parts.push_back(absl::StrCat("snapshot ", source.looks, " took ", source.took, in_program));
  }
  return absl::StrJoin(parts, "; ");
}

std::string NothingText(const Picture& picture, Tab tab, bool is_filtered) {
  if (is_filtered) return "nothing here has that text; Esc takes the filter away";
  switch (tab) {
    case Tab::kFindings:
      return picture.remarks.empty() ? "no findings" : "nothing was found, but data is incomplete";
    case Tab::kObjects:
      return "nothing that anybody waits for or holds";
    default:
      return "no tasks: there is no snapshot";
  }
}

}  // namespace

size_t TopView::RowsShown() const {
  const bool has_remarks = picture_ != nullptr && !picture_->remarks.empty();
  // Headline, source, tabs, the last line; in a list its titles as well.
  const size_t used = 4 + (has_remarks ? 1 : 0) + (mode_ == Mode::kList ? 1 : 0);
  return height_ > used ? height_ - used : 1;
}

// What is out of the ordinary comes first: the line may be cut.
std::string TopView::SourceText() const {
  if (!source_.is_live) return TextOfSource(source_, picture_.get(), "");
  if (source_.has_ended) {
    return absl::StrCat(source_.name, " has ended: this is the last there is; ",
                        TextOfSource(source_, picture_.get(), ""));
  }
  const std::string text =
      TextOfSource(source_, picture_.get(), is_paused_ ? "paused" : absl::StrCat("every ", source_.period));
  return source_.trouble.empty() ? text : absl::StrCat(source_.trouble, "; ", text);
}

std::vector<ScreenLine> TopView::HeaderLines() const {
  std::vector<ScreenLine> lines;
  const bool has_findings = picture_ != nullptr && SizeOf(*picture_, Tab::kFindings) != 0;
  lines.push_back(TextLine(picture_ == nullptr ? "stray top" : picture_->headline, width_,
                           has_findings ? Tone::kAlarm : Tone::kStrong));
  const bool is_odd = source_.has_ended || is_paused_ || !source_.trouble.empty();
  lines.push_back(TextLine(SourceText(), width_, is_odd ? Tone::kCaution : Tone::kPlain));
  if (picture_ != nullptr && !picture_->remarks.empty())
    lines.push_back(TextLine(RemarksText(*picture_), width_, Tone::kCaution));
  lines.push_back(TabLine());
  return lines;
}

ScreenLine TopView::TabLine() const {
  ScreenLine line;
  size_t left = width_;
  const auto add = [&](const std::string& text, Tone tone, bool reversed) {
    const size_t width = std::min(left, CellWidth(text));
    line.push_back({FitCells(text, width), tone, reversed});
    left -= width;
  };
  for (size_t i = 0; i < kTabs; ++i) {
    const Tab tab = static_cast<Tab>(i);
    const std::string size = picture_ == nullptr ? "" : absl::StrCat(" ", SizeOf(*picture_, tab));
    add(absl::StrCat(" ", i + 1, " ", TabTitle(tab), size, " "), Tone::kStrong, tab == tab_);
  }
  if (mode_ == Mode::kList) add(absl::StrCat("  ", TableText()), Tone::kPlain, false);
  return line;
}

// How the table came about: by what it is grouped, sorted, filtered.
std::string TopView::TableText() const {
  std::vector<std::string> parts;
  if (!filter_.empty()) parts.push_back(absl::StrCat("with \"", filter_, "\": ", table_.rows.size()));
  if (tab_ == Tab::kTasks && settings().within.has_value())
    parts.push_back(absl::StrCat("of a group by ", FacetWord(settings().within->facet), ", Esc back"));
  if (tab_ == Tab::kGroups) parts.push_back(absl::StrCat("by ", FacetWord(settings().facet)));
  parts.push_back(
      absl::StrCat("sorted by ", SortNames(tab_)[settings().sort], settings().reversed ? ", reversed" : ""));
  if (mark_.has_value()) parts.push_back("marked");
  return absl::StrJoin(parts, "; ");
}

void TopView::AddTableLines(std::vector<ScreenLine>& lines) const {
  if (picture_ == nullptr) return;
  lines.push_back(TitleLine(*picture_, table_, width_));
  if (table_.rows.empty()) {
    const bool is_filtered = !filter_.empty() || (tab_ == Tab::kTasks && settings().within.has_value());
    lines.push_back(TextLine(NothingText(*picture_, tab_, is_filtered), width_));
    return;
  }
  const Place& at = place();
  const size_t end = std::min(table_.rows.size(), at.first + RowsShown());
  for (size_t row = at.first; row < end; ++row)
    lines.push_back(RowLine(*picture_, table_, row, Before(), at.skipped, width_, row == at.row));
}

void TopView::AddDetailLines(std::vector<ScreenLine>& lines) const {
  const std::vector<std::string> text = mode_ == Mode::kHelp ? HelpLines() : details_;
  const size_t end = std::min(text.size(), details_first_ + RowsShown());
  const size_t skipped = mode_ == Mode::kDetails ? details_skipped_ : 0;
  for (size_t i = details_first_; i < end; ++i) lines.push_back(TextLine(SkipCells(text[i], skipped), width_));
}

ScreenLine TopView::BottomLine() const {
  if (typing_ != Typing::kNone) {
    const std::string line = absl::StrCat(typing_ == Typing::kSearch ? "search: " : "only with: ", typed_);
    const std::string note = message_.empty() ? "" : absl::StrCat("   ", message_);
    return TextLine(absl::StrCat(line, note), width_, Tone::kStrong);
  }
  if (!message_.empty()) return TextLine(message_, width_, Tone::kStrong);
  if (mode_ == Mode::kList) return TextLine(source_.is_live ? kLiveKeys : kListKeys, width_, Tone::kFaint);
  const bool gone = mode_ == Mode::kDetails && details_gone_;
  return TextLine(absl::StrCat(gone ? "gone by now: this is how it was;  " : "", kPagerKeys), width_,
                  gone ? Tone::kCaution : Tone::kFaint);
}

std::vector<ScreenLine> TopView::Lines() const {
  if (width_ < kSmallestWidth || height_ < kSmallestHeight)
    return std::vector<ScreenLine>(1, TextLine("too small a screen", width_));
  std::vector<ScreenLine> lines = HeaderLines();
  if (mode_ == Mode::kList) {
    AddTableLines(lines);
  } else {
    AddDetailLines(lines);
  }
  lines.resize(height_ - 1);
  lines.push_back(BottomLine());
  return lines;
}

std::optional<size_t> TopView::CursorColumn() const {
  if (typing_ == Typing::kNone) return std::nullopt;
  const size_t before = CellWidth(typing_ == Typing::kSearch ? "search: " : "only with: ");
  return std::min(before + CellWidth(typed_), width_ - 1);
}

namespace {

void AddTable(const Picture& picture, Tab tab, Facet facet, size_t width, std::string& page) {
  TableSettings settings;
  settings.facet = facet;
  const Table table = MakeTable(picture, tab, settings, nullptr);
  if (table.rows.empty()) return;
  const auto add = [&page](const ScreenLine& line) {
    std::string text = TextOfLine(line);
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&page, text, "\n");
  };
  absl::StrAppend(&page, "\n");
  add(TitleLine(picture, table, width));
  const size_t shown = std::min(table.rows.size(), kPageRows);
  for (size_t row = 0; row < shown; ++row) add(RowLine(picture, table, row, nullptr, 0, width, false));
  if (shown < table.rows.size()) absl::StrAppend(&page, ".. and ", table.rows.size() - shown, " more\n");
}

}  // namespace

std::string PlainPage(const Picture& picture, const SourceState& source, Facet facet, size_t width) {
  std::string page = absl::StrCat(picture.headline, "\n", TextOfSource(source, &picture, ""), "\n");
  for (const std::string& remark : picture.remarks)
    absl::StrAppend(&page, "data is incomplete: ", remark, "\n");
  AddTable(picture, Tab::kFindings, facet, width, page);
  AddTable(picture, Tab::kGroups, facet, width, page);
  return page;
}

}  // namespace stray::analyzer
