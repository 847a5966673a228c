// SPDX-License-Identifier: Apache-2.0
// diff_text.cc: what has changed from dump to dump, for people. Part of dump_diff.h.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/analysis/duration_text.h"
#include "analyzer/report/dump_diff.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

constexpr char kLead[] = "stray: ";
constexpr size_t kColumn = 9;  // of what stands behind the word for a change
constexpr size_t kMostGroups = 100;
constexpr size_t kMostCounts = 12;  // of a row; of longer ones the first and the last are shown

Tone ToneOf(Change change) {
  if (change == Change::kNew) return Tone::kAlarm;
  return change == Change::kGrown ? Tone::kCaution : Tone::kPlain;
}

// "3 -> 5 -> 15"
template <typename Values, typename Text>
std::string RowText(const Values& values, Text text_of) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool is_shown =
        values.size() <= kMostCounts || i < kMostCounts / 2 || i + kMostCounts / 2 >= values.size();
    if (is_shown) texts.push_back(text_of(values[i]));
    if (!is_shown && texts.size() == kMostCounts / 2) texts.push_back("..");
  }
  return absl::StrJoin(texts, " -> ");
}

std::string CountsText(const std::vector<uint64_t>& counts) {
  return RowText(counts, [](uint64_t count) { return absl::StrCat(count); });
}

std::string TimesText(const WaitTimes& times) {
  return times.least_ns == times.most_ns
             ? DurationText(times.least_ns)
             : absl::StrCat(DurationText(times.least_ns), " / ", DurationText(times.median_ns), " / ",
                            DurationText(times.most_ns));
}

// Of the first and the last dump that have any: "waited 1 s / 2 s / 3 s before, 11 s / 12 s / 13 s now".
std::string WaitsText(const std::vector<std::optional<WaitTimes>>& waits) {
  const auto has_times = [](const std::optional<WaitTimes>& times) { return times.has_value(); };
  const auto first = std::find_if(waits.begin(), waits.end(), has_times);
  if (first == waits.end()) return "";
  const auto last = std::find_if(waits.rbegin(), waits.rend(), has_times);
  if (&*first == &*last) return absl::StrCat("waited ", TimesText(**first));
  return absl::StrCat("waited ", TimesText(**first), " at first, ", TimesText(**last), " at last");
}

std::string TrendText(const SeriesTrend& trend) {
  const auto number = [](double value) {
    return value >= 10 ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.2g", value);
  };
  return absl::StrCat(
      "goes on growing: ", number(trend.per_dump), " more from dump to dump",
      trend.per_minute.has_value() ? absl::StrCat(", ", number(*trend.per_minute), " a minute") : "");
}

std::string WaitText(const TaskSeries& series) {
  std::string text = absl::StrCat(series.kind.empty() ? "task" : series.kind, " ",
                                  series.wait_reason.empty() ? series.state : series.wait_reason);
  if (!series.waits_on.empty()) absl::StrAppend(&text, " (", series.waits_on, ")");
  if (series.holds_locks) absl::StrAppend(&text, ", holding locks");
  return text;
}

bool IsOneProgram(const DumpDiff& diff) {
  return std::all_of(diff.dumps.begin(), diff.dumps.end(), [&](const DumpPoint& dump) {
    return dump.programs.size() == 1 && dump.programs == diff.dumps.front().programs;
  });
}

template <typename Series>
std::string NumbersText(const std::vector<Series>& all) {
  std::vector<std::string> parts;
  for (Change change : {Change::kNew, Change::kGrown, Change::kShrunk, Change::kGone, Change::kPassing}) {
    const auto count =
        std::count_if(all.begin(), all.end(), [&](const Series& one) { return one.change == change; });
    if (count != 0) parts.push_back(absl::StrCat(count, " ", ChangeText(change)));
  }
  return parts.empty() ? "nothing new, nothing gone" : absl::StrJoin(parts, ", ");
}

void WriteHead(Page& page, const DumpDiff& diff) {
  const DumpPoint& first = diff.dumps.front();
  const DumpPoint& last = diff.dumps.back();
  std::string text = absl::StrCat(Counted(diff.dumps.size(), "dump"),
                                  IsOneProgram(diff) ? absl::StrCat(" of ", first.programs.front()) : "");
  if (first.time_ns.has_value() && last.time_ns.has_value() && *last.time_ns > *first.time_ns)
    absl::StrAppend(&text, " over ", DurationText(*last.time_ns - *first.time_ns));
  page.Paragraph(
      0, {kLead, Tone::kStrong},
      absl::StrCat(text, ": findings: ", NumbersText(diff.findings), "; tasks: ", NumbersText(diff.tasks), "."),
      Tone::kStrong);
  for (const DumpPoint& dump : diff.dumps) {
    if (!dump.incomplete) continue;
    page.Paragraph(2, {"data is incomplete: ", Tone::kCaution},
                   absl::StrCat(dump.path, " (`stray report` says why)"));
  }
  const bool is_other =
      std::none_of(last.programs.begin(), last.programs.end(), [&](const std::string& program) {
        return std::find(first.programs.begin(), first.programs.end(), program) != first.programs.end();
      });
  if (is_other && !last.programs.empty() && !first.programs.empty()) {
    page.Paragraph(
        2, {"note: ", Tone::kFaint},
        absl::StrCat("the first dump is of ", absl::StrJoin(first.programs, ", "), ", the last one of ",
                     absl::StrJoin(last.programs, ", "), ": nothing in them is the same"));
  }
  page.Blank();
  page.Line(0, "dumps", Tone::kStrong);
  for (const DumpPoint& dump : diff.dumps) {
    page.Line(
        1, absl::StrCat(
               PadRight(absl::StrCat(Counted(dump.tasks, "task"), ", ", Counted(dump.findings, "finding")), 24),
               "  ", Printable(dump.path)));
  }
}

void WriteEntryHead(Page& page, Change change, const std::string& text) {
  page.Paragraph(1, {PadRight(ChangeText(change), kColumn - 1), ToneOf(change)}, text);
}

void WriteFindings(Page& page, const DumpDiff& diff) {
  if (diff.findings.empty()) return;
  page.Blank();
  page.Line(0, "findings", Tone::kStrong);
  const bool names_program = !IsOneProgram(diff);
  for (const FindingSeries& series : diff.findings) {
    WriteEntryHead(page, series.change,
                   absl::StrCat(CountsText(series.counts), ": ", series.id, ", ",
                                ConfidenceText(series.confidence), series.excused ? ", excused by policy" : "",
                                names_program ? absl::StrCat(", in ", series.program) : ""));
    page.Paragraph(kColumn, series.title);
    if (!series.place.empty()) page.Paragraph(kColumn, absl::StrCat("at ", series.place));
    if (series.trend.has_value()) page.Paragraph(kColumn, TrendText(*series.trend), Tone::kCaution);
  }
}

void WriteTasks(Page& page, const DumpDiff& diff) {
  if (diff.tasks.empty()) return;
  page.Blank();
  page.Line(0, "tasks", Tone::kStrong);
  const bool names_program = !IsOneProgram(diff);
  size_t written = 0, same = 0, tasks_of_same = 0;
  for (const TaskSeries& series : diff.tasks) {
    if (series.change == Change::kSame) {
      ++same;
      tasks_of_same += series.counts.back();
      continue;
    }
    if (++written > kMostGroups) continue;
    WriteEntryHead(page, series.change,
                   absl::StrCat(CountsText(series.counts), ": ", WaitText(series),
                                names_program ? absl::StrCat(", in ", series.program) : ""));
    if (!series.place.empty())
      page.Paragraph(kColumn, absl::StrCat(series.state == "blocked" ? "at " : "created at ", series.place));
    if (const std::string waits = WaitsText(series.waits); !waits.empty()) page.Paragraph(kColumn, waits);
    if (series.trend.has_value()) page.Paragraph(kColumn, TrendText(*series.trend), Tone::kCaution);
  }
  if (written > kMostGroups)
    page.Line(1, absl::StrCat(".. and ", written - kMostGroups, " more groups (all are in the JSON)"));
  if (same != 0)
    WriteEntryHead(page, Change::kSame,
                   absl::StrCat(Counted(tasks_of_same, "task"), " in ", Counted(same, "group")));
}

}  // namespace

std::string DiffText(const DumpDiff& diff, const ReportOptions& options) {
  Page page(options.width, options.color);
  WriteHead(page, diff);
  WriteFindings(page, diff);
  WriteTasks(page, diff);
  const bool is_series = diff.dumps.size() > 2 && diff.dumps.size() < kLeastDumpsOfTrend;
  if (is_series) {
    page.Blank();
    page.Paragraph(
        0, {"note: ", Tone::kFaint},
        absl::StrCat("whether something goes on growing is said of ", kLeastDumpsOfTrend, " dumps and more"));
  }
  return page.Take();
}

}  // namespace stray::analyzer
