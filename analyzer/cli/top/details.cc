// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/details.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/analysis/proof.h"
#include "analyzer/report/object_text.h"
#include "analyzer/report/proof_report.h"
#include "analyzer/report/report.h"
#include "analyzer/report/task_report.h"

namespace stray::analyzer {
namespace {

constexpr size_t kNarrowest = 40, kWidest = 160;  // of text that is wrapped

ReportOptions OptionsFor(size_t width) {
  ReportOptions options;
  options.width = std::clamp(width, kNarrowest, kWidest);
  return options;
}

std::string TextOf(const Picture& picture, const FindingRow& row, const ReportOptions& options) {
  const size_t numbered = static_cast<size_t>(std::count_if(
      picture.findings.begin(), picture.findings.end(), [](const FindingRow& one) { return one.number != 0; }));
  const NumberedFinding finding = {.finding = row.finding, .number = row.number, .of = numbered};
  return absl::StrCat(FindingReport(*row.finding, options), "\n",
                      ProofText(finding, Prove(*row.finding, picture.verdict.options), options));
}

// The findings that name it, by their numbers.
std::string FindingsWith(const Picture& picture, const TaskRow& task) {
  std::string text;
  for (const FindingRow& row : picture.findings) {
    if (row.finding->process != task.process) continue;
    for (const std::vector<TaskGroup>* groups : {&row.finding->groups, &row.finding->consequences}) {
      const bool has = std::any_of(groups->begin(), groups->end(), [&](const TaskGroup& group) {
        return std::any_of(group.tasks.begin(), group.tasks.end(),
                           [&](const EvidenceTask& one) { return one.task == task.task; });
      });
      if (!has) continue;
      absl::StrAppend(&text, "   ",
                      groups == &row.finding->consequences ? "a consequence of finding " : "part of finding ",
                      row.number == 0 ? "(excused)" : absl::StrCat(row.number), ", ", row.finding->id, "\n");
    }
  }
  return text;
}

std::string TextOf(const Picture& picture, const TaskRow& row, const ReportOptions& options) {
  const std::string findings = FindingsWith(picture, row);
  return absl::StrCat(TaskReport(*row.process, *SnapshotShown(*row.process), row.task, options),
                      findings.empty() ? "" : "\n", findings);
}

std::string TextOf(const ObjectRow& row, const ReportOptions& options) {
  return ObjectReport(*row.process, *SnapshotShown(*row.process), row.object, options);
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::optional<std::vector<std::string>> DetailsOf(const Picture& picture, Tab tab, absl::string_view key,
                                                  size_t width) {
  const Table table = MakeTable(picture, tab, {}, nullptr);
  const std::optional<size_t> row = tab == Tab::kGroups ? std::nullopt : FindKey(picture, table, key);
  if (!row.has_value()) return std::nullopt;
  const uint32_t number = table.rows[*row];
  const ReportOptions options = OptionsFor(width);
  if (tab == Tab::kFindings) return LinesOf(TextOf(picture, picture.findings[number], options));
  if (tab == Tab::kTasks) return LinesOf(TextOf(picture, picture.tasks[number], options));
  return LinesOf(TextOf(picture.objects[number], options));
}

}  // namespace stray::analyzer
